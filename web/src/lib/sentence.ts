// The server's sentences, as the merchant reads them. The API writes instants, days, amounts and shares in forms that programs can
// read ("2026-11-22T10:40:00Z", "50.00 EUR", "15 %"); on the page they look like every other date and number around them: in the
// shop's zone, and the sentence itself in the reader's language. A backtick is for programmers: here names stand in quotation marks.
import { formatInstant, formatLongDay, isDay } from './dates';
import { exponentOf, formatMoney, minorOf } from './money';
import { formatShare } from './rates';
import { fill, said, words } from '../words';

const INSTANT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})/g;
// A day within quotation marks is somebody's name for something.
const DAY = /[“„][^”“]*[”“]|\b\d{4}-\d{2}-\d{2}\b/g;
const MONEY = /(-?)\b(\d{1,12}(?:\.\d{1,4})?) ([A-Z]{3})\b/g;
const SHARE = /\b(\d{1,3}(?:\.\d{1,4})?) %/g;
const CODE = /`([^`]*)`/g;

const isCurrency = (code: string): boolean => {
  try {
    return new Set(Intl.supportedValuesOf('currency')).has(code);
  } catch {
    return false;
  }
};

export const told = (sentence: string, zone: string): string =>
  said(sentence)
    .replace(CODE, (_, name: string) => fill(words.common.quoted, { name }))
    .replace(INSTANT, (text) => formatInstant(text, zone))
    .replace(DAY, (text) => (isDay(text) ? formatLongDay(text) : text))
    .replace(MONEY, (text, sign: string, amount: string, currency: string) => {
      // The server writes every digit a currency has: “50 TOP” is no amount.
      const isWhole = (amount.split('.')[1]?.length ?? 0) === exponentOf(currency);
      const minor = isWhole && isCurrency(currency) ? minorOf(amount, currency) : null;
      return minor === null ? text : formatMoney({ minor: sign ? -minor : minor, currency });
    })
    .replace(SHARE, (_, percent: string) => formatShare(Number(percent) / 100));

