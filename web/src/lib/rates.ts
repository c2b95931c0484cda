// Counts and rates. A rate is never shown without what it is a rate of.
import { fill, formOf, type Plural } from '../words';
import { locale } from './locale';

export const formatCount = (count: number): string => new Intl.NumberFormat(locale()).format(count);

/** "1 order", "2,400 orders": a counted word by its forms. */
export const counted = (count: number, forms: Plural): string => fill<string>(formOf(forms, count), { count: formatCount(count) });

/** "phone and e-mail". */
export const listed = (names: string[]): string => new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names);

export const formatPercent = (rate: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: rate !== 0 && Math.abs(rate) < 0.1 ? 1 : 0 }).format(rate);

/** "12.5%": a share somebody chose, with every digit they wrote. */
export const formatShare = (share: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 4 }).format(share);

/** "58.9% – 61.2%". */
export const formatRange = ({ low, high }: { low: number; high: number }): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).formatRange(low, high);

const Z = 1.959963984540054;

/** Wilson's 95 % interval of a rate: honest for small counts, never outside 0 to 1. */
export const wilson = (hits: number, of: number): { low: number; high: number } | null => {
  if (of <= 0 || hits < 0 || hits > of) return null;
  const rate = hits / of;
  const spread = Z * Math.sqrt((rate * (1 - rate)) / of + (Z * Z) / (4 * of * of));
  const middle = rate + (Z * Z) / (2 * of);
  const scale = 1 + (Z * Z) / of;
  return { low: Math.max(0, (middle - spread) / scale), high: Math.min(1, (middle + spread) / scale) };
};
