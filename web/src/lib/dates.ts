// Days and instants. A day is `YYYY-MM-DD` in the shop's time zone and is only ever moved as a calendar day; an instant is
// RFC 3339 and is shown in the shop's time zone, wherever the reader sits.
import { locale } from './locale';

const DAY_MS = 86_400_000;
const utc = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** The day it is now in that zone. */
export const todayIn = (timeZone: string, now: Date = new Date()): string => {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(now);
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
};

export const addDays = (day: string, days: number): string => new Date(utc(day) + days * DAY_MS).toISOString().slice(0, 10);

/** How many days a period covers, both ends counted. */
export const daysBetween = (from: string, to: string): number => Math.round((utc(to) - utc(from)) / DAY_MS) + 1;

export const isDay = (text: string | null): text is string =>
  text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(utc(text)) && addDays(text, 0) === text;

/** The first and the last day of the calendar month before a day's. */
export const monthBefore = (day: string): { from: string; to: string } => {
  const to = addDays(`${day.slice(0, 7)}-01`, -1);
  return { from: `${to.slice(0, 7)}-01`, to };
};

/** "Nov 2026", of a day of it. */
export const formatMonth = (day: string): string =>
  new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', month: 'short', year: 'numeric' }).format(utc(day));

/** "1 – 30 Oct". */
export const formatDays = (from: string, to: string): string =>
  new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', day: 'numeric', month: 'short' }).formatRange(utc(from), utc(to));

/** "12 Nov". */
export const formatDay = (day: string): string =>
  new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', day: 'numeric', month: 'short' }).format(utc(day));

/** "12 November 2026". */
export const formatLongDay = (day: string): string =>
  new Intl.DateTimeFormat(locale(), { timeZone: 'UTC', dateStyle: 'long' }).format(utc(day));

/** "12 Nov 2026, 14:05" in the shop's zone. */
export const formatInstant = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat(locale(), { timeZone, dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));

/** "12 Nov, 14:05": where the year is plain from what stands around it. */
export const formatMoment = (instant: string, timeZone: string): string =>
  new Intl.DateTimeFormat(locale(), { timeZone, day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(
    new Date(instant),
  );

export const secondsBetween = (earlier: string, later: string): number =>
  Math.round((Date.parse(later) - Date.parse(earlier)) / 1000);

const UNITS: [number, 'day' | 'hour' | 'minute' | 'second'][] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

/** "24 hours". */
export const inUnit = (count: number, unit: string): string =>
  new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(count);

/** A length of time in its two largest units: "2 days 3 hours", "40 seconds". From five minutes on, seconds say nothing. */
export const formatSpan = (seconds: number): string => {
  let rest = Math.abs(Math.round(seconds));
  if (rest >= 300) rest -= rest % 60;
  const words: string[] = [];
  for (const [size, name] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(inUnit(count, name));
    // A unit may be skipped, but the second word is never two steps smaller: "1 day 5 minutes" says more than is known.
    if (words.length === 2 || (words.length === 1 && count === 0)) break;
  }
  return words.join(' ') || inUnit(0, 'second');
};

/** "3 minutes ago", in the largest unit. */
export const formatAgo = (seconds: number): string => {
  const [size, unit] = UNITS.find(([one]) => seconds >= one) ?? [1, 'second'];
  return new Intl.RelativeTimeFormat(locale()).format(-Math.floor(Math.max(0, seconds) / size), unit);
};
