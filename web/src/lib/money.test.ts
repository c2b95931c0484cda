import { describe, expect, it } from 'vitest';
import { decimalOf, exponentOf, formatMark, minorOf, formatMoney, negate, shareOf, sum } from './money';

const money = (minor: number, currency = 'EUR') => ({ minor, currency });

describe('money', () => {
  it.each([
    [1999, 'EUR', '19.99'],
    [5, 'EUR', '0.05'],
    [-5, 'EUR', '-0.05'],
    [0, 'EUR', '0.00'],
    [300, 'JPY', '300'],
    [-1, 'JPY', '-1'],
    [1234, 'BHD', '1.234'],
    [7, 'KWD', '0.007'],
    [Number.MAX_SAFE_INTEGER, 'EUR', '90071992547409.91'],
  ])('moves the point of %i %s in a string', (minor, currency, text) => {
    expect(decimalOf(money(minor, currency))).toBe(text);
  });

  it('knows the digits of ISO 4217', () => {
    expect(['EUR', 'JPY', 'BHD', 'CLF', 'HUF'].map(exponentOf)).toEqual([2, 0, 3, 4, 2]);
  });

  it('prints every digit the currency has', () => {
    expect(formatMoney(money(123456))).toBe('€1,234.56');
    expect(formatMoney(money(500, 'JPY'))).toBe('¥500');
    expect(formatMoney(money(1234, 'BHD'))).toMatch(/1\.234$/);
    expect(formatMoney(money(123400, 'HUF'))).toMatch(/1,234\.00$/);
    expect(formatMoney(negate(money(1935)))).toBe('-€19.35');
  });

  it('shortens only for axes', () => {
    expect(formatMark(money(1_250_000))).toBe('€12.5K');
    expect(formatMark(money(0))).toBe('€0');
  });

  it('adds exactly and never makes a negative zero', () => {
    expect(sum([money(10), money(20), money(-5)], 'EUR')).toEqual(money(25));
    expect(sum([], 'EUR')).toEqual(money(0));
    expect(Object.is(negate(money(0)).minor, 0)).toBe(true);
  });

  it('shares nothing of nothing', () => {
    expect(shareOf(money(10), money(0))).toBe(0);
    expect(shareOf(money(25), money(100))).toBe(0.25);
  });
});

describe('what somebody typed', () => {
  it.each([
    ['19.99', 'EUR', 1999],
    ['19,9', 'EUR', 1990],
    [' 20 ', 'EUR', 2000],
    ['20.', 'EUR', 2000],
    ['500', 'JPY', 500],
    ['1.234', 'KWD', 1234],
    ['19.999', 'EUR', null],
    ['5.5', 'JPY', null],
    ['-1', 'EUR', null],
    ['1e3', 'EUR', null],
    ['', 'EUR', null],
    ['ten', 'EUR', null],
  ])('%s %s', (typed, currency, minor) => {
    expect(minorOf(typed, currency)).toBe(minor);
  });
});
