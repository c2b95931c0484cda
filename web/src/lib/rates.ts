// Counts and rates. A rate is never shown without what it is a rate of.
import { fill, formOf, type Plural } from '../words';
import { locale } from './locale';

export const formatCount = (count: number): string => new Intl.NumberFormat(locale()).format(count);

/** "1 order", "2,400 orders": a counted word by its forms. */
export const counted = (count: number, forms: Plural): string => fill<string>(formOf(forms, count), { count: formatCount(count) });

/** "phone and e-mail". */
export const listed = (names: string[]): string => new Intl.ListFormat(locale(), { type: 'conjunction' }).format(names);

/** Digits of a percentage after its point: enough for its first one that is not zero, so that little is never written as nothing. */
const digitsOf = (rate: number): number => {
  const percent = Math.abs(rate) * 100;
  if (percent === 0 || percent >= 10) return 0;
  return percent >= 0.1 ? 1 : Math.min(6, Math.ceil(-Math.log10(percent)));
};

/** "62%", "3.2%", and 1 of 3,014 is "0.03%". */
export const formatPercent = (rate: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digitsOf(rate) }).format(rate);

/** "+12%", "-3.2%": a difference of rates in relation to one of them. */
export const formatChange = (change: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digitsOf(change), signDisplay: 'exceptZero' }).format(change);

/** "+0.8", in percentage points: a difference of two rates. */
export const formatPoints = (difference: number): string =>
  new Intl.NumberFormat(locale(), { maximumFractionDigits: 2, signDisplay: 'exceptZero' }).format(difference * 100);

/** "1.8": how many times, with a digit where that says something. */
export const formatTimes = (times: number): string => new Intl.NumberFormat(locale(), { maximumFractionDigits: Math.abs(times) < 10 ? 2 : 0 }).format(times);

/** "12.5%": a share somebody chose, with every digit they wrote. */
export const formatShare = (share: number): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 4 }).format(share);

/** "58.9% – 61.2%". */
export const formatRange = ({ low, high }: { low: number; high: number }): string =>
  new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: Math.min(3, Math.max(1, digitsOf(low), digitsOf(high))) }).formatRange(low, high);

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
