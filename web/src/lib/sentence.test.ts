import { describe, expect, it } from 'vitest';
import { told } from './sentence';

const say = (sentence: string): string => told(sentence, 'Europe/Vienna').replaceAll('\u202f', ' ').replaceAll('\u00a0', ' ');

describe('a sentence of the server', () => {
  it.each([
    ['Good until 2026-11-22T10:40:00Z, for one order.', 'Good until Nov 22, 2026, 11:40 AM, for one order.'],
    ['The order came at 2026-07-01T22:30:00.123456Z.', 'The order came at Jul 2, 2026, 12:30 AM.'],
    ['Deleted in Shopify’s admin on 2026-11-22: 3 codes', 'Deleted in Shopify’s admin on November 22, 2026: 3 codes'],
    ['15 % off from 50.00 EUR on', '15% off from €50.00 on'],
    ['12.5 % of recipients', '12.5% of recipients'],
    ['refunded 1234.50 EUR in all', 'refunded €1,234.50 in all'],
    ['500 JPY and 1.234 BHD', '¥500 and BHD 1.234'],
    ['Use the `next_cursor` unchanged.', 'Use the “next_cursor” unchanged.'],
    ['The campaign “Winback 2026-11-22” with 50 TOP in it', 'The campaign “Winback 2026-11-22” with 50 TOP in it'],
    ['Its end is “2026-11-22T10:40:00Z” instead', 'Its end is “Nov 22, 2026, 11:40 AM” instead'],
    ['Order 1001 ABC, 5 codes of ALL', 'Order 1001 ABC, 5 codes of ALL'],
    ['Nothing to change here.', 'Nothing to change here.'],
  ])('%s', (sentence, read) => {
    expect(say(sentence)).toBe(read);
  });
});
