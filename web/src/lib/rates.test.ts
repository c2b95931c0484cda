import { expect, it } from 'vitest';
import { words } from '../words';
import { counted, formatPercent, formatRange, wilson } from './rates';

it('counts in words', () => {
  expect([counted(1, words.counts.order), counted(2400, words.counts.order), counted(0, words.counts.person)]).toEqual(['1 order', '2,400 orders', '0 people']);
});

it('keeps a digit where a percent is small', () => {
  expect([formatPercent(0.62), formatPercent(0.032), formatPercent(0)]).toEqual(['62%', '3.2%', '0%']);
});

it('never writes little as nothing', () => {
  expect([1 / 3014, 0.0006, 0.001, 0.00004, -0.0003].map(formatPercent)).toEqual(['0.03%', '0.06%', '0.1%', '0.004%', '-0.03%']);
  expect(formatRange({ low: 0.00006, high: 0.0019 }).replace(/\s/g, '')).toBe('0.006%–0.19%');
});

it('writes an interval', () => {
  expect(formatRange({ low: 0.589, high: 0.612 }).replace(/\s/g, '')).toBe('58.9%–61.2%');
});

it('bounds a rate by Wilson’s interval', () => {
  const { low, high } = wilson(10, 100)!;
  expect(low).toBeCloseTo(0.05522914, 6);
  expect(high).toBeCloseTo(0.17436566, 6);
  expect(wilson(0, 10)!.low).toBe(0);
  expect(wilson(1, 0)).toBeNull();
  expect(wilson(3, 2)).toBeNull();
});
