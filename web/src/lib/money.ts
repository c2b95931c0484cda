// Money on its way to the eye. Two things always hold:
// 1. amounts stay whole minor units until the last step, which moves the point in a string: no fraction is ever computed;
// 2. how many digits a currency has is ISO 4217's word, the same as the server's, not the browser's idea of it.
import type { Money } from '../api/types';
import { locale } from './locale';

const WITHOUT_DIGITS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));
const WITH_THREE = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));
const WITH_FOUR = new Set(['CLF', 'UYW']);

export const exponentOf = (currency: string): number => {
  if (WITHOUT_DIGITS.has(currency)) return 0;
  if (WITH_THREE.has(currency)) return 3;
  return WITH_FOUR.has(currency) ? 4 : 2;
};

/** The amount as a decimal string, exactly: 1999 EUR is "19.99", -5 EUR is "-0.05", 300 JPY is "300". */
export const decimalOf = ({ minor, currency }: Money): `${number}` => {
  const exponent = exponentOf(currency);
  const digits = BigInt(minor).toString().replace('-', '').padStart(exponent + 1, '0');
  const point = digits.length - exponent;
  const text = exponent === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return (minor < 0 ? `-${text}` : text) as `${number}`;
};

/** What somebody typed, in whole minor units: "19.99" or "19,99" EUR is 1999. Null: no amount, or finer than the currency counts. */
export const minorOf = (typed: string, currency: string): number | null => {
  const exponent = exponentOf(currency);
  const found = /^(\d{1,12})(?:[.,](\d*))?$/.exec(typed.trim());
  if (!found) return null;
  const [, whole = '', fraction = ''] = found;
  if (fraction.length > exponent) return null;
  return Number(whole + fraction.padEnd(exponent, '0'));
};

// Engines before ES2023 round a decimal string to a double; that is exact to the digit for any amount a shop can sell.
const write = (money: Money, options: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(locale(), { style: 'currency', currency: money.currency, ...options }).format(decimalOf(money));

/** "€1,999.00", with every digit the currency has. */
export const formatMoney = (money: Money): string => {
  const digits = exponentOf(money.currency);
  return write(money, { minimumFractionDigits: digits, maximumFractionDigits: digits });
};

/** "€2K": for the marks of an axis only. */
export const formatMark = (money: Money): string =>
  write(money, { notation: 'compact', minimumFractionDigits: 0, maximumFractionDigits: 1 });

/** "+€19.99", "-€0.05": a difference, with its sign. */
export const formatDifference = (money: Money): string => {
  const digits = exponentOf(money.currency);
  return write(money, { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: 'exceptZero' });
};

/** "€100": where the minor units say nothing. */
export const formatWhole = (money: Money): string => write(money, { minimumFractionDigits: 0, maximumFractionDigits: 0 });

export const negate = (money: Money): Money => ({ ...money, minor: money.minor === 0 ? 0 : -money.minor });

/** The exact sum; nothing at all is zero of the given currency. */
export const sum = (amounts: Money[], currency: string): Money => ({
  minor: Number(amounts.reduce((total, { minor }) => total + BigInt(minor), 0n)),
  currency,
});

/** How large a part is of a whole, between 0 and 1; nothing of nothing is nothing. For shares and bars, never for amounts. */
export const shareOf = (part: Money, whole: Money): number => (whole.minor > 0 ? Math.max(0, part.minor / whole.minor) : 0);
