import { describe, expect, it } from 'vitest';
import { addDays, daysBetween, formatInstant, formatSpan, isDay, secondsBetween, todayIn } from './dates';

describe('days', () => {
  it('begin at midnight of the shop, not of the reader', () => {
    const now = new Date('2026-11-21T23:30:00Z');
    expect(todayIn('Europe/Vienna', now)).toBe('2026-11-22');
    expect(todayIn('America/New_York', now)).toBe('2026-11-21');
    expect(todayIn('Pacific/Kiritimati', now)).toBe('2026-11-22');
  });

  it('move as calendar days, over months and changes of the clock', () => {
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
    expect(addDays('2026-10-24', 2)).toBe('2026-10-26');
    expect(daysBetween('2026-10-24', '2026-11-22')).toBe(30);
  });

  it('are told from what only looks like one', () => {
    expect(['2026-11-22', '2026-02-30', '22.11.2026', '', null].map(isDay)).toEqual([true, false, false, false, false]);
  });
});

describe('instants', () => {
  it('are shown in the time zone of the shop', () => {
    expect(formatInstant('2026-11-22T10:40:00Z', 'Europe/Vienna')).toMatch(/Nov 22, 2026, 11:40/);
    expect(secondsBetween('2026-11-22T10:40:00Z', '2026-11-22T10:41:30Z')).toBe(90);
  });

  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    [61, '1 minute 1 second'],
    [2_481, '41 minutes'],
    [3_600, '1 hour'],
    [31_240, '8 hours 40 minutes'],
    [86_700, '1 day'],
    [97_200, '1 day 3 hours'],
    [432_000, '5 days'],
  ])('%i seconds apart are %s', (seconds, words) => {
    expect(formatSpan(seconds)).toBe(words);
  });
});
