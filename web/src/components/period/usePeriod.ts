// Which days are looked at. The address holds the choice, so a view can be shared and the way back works; without one it is
// the last thirty days, today included, in the shop's time zone.
import { useSearchParams } from 'react-router';
import { useShop } from '../../app/shop';
import { addDays, isDay, monthBefore, todayIn } from '../../lib/dates';

export const PRESETS = [7, 30, 90] as const;
const DEFAULT = 30;

/** The calendar month before this one. */
export const LAST_MONTH = 'last_month';
export type Preset = number | typeof LAST_MONTH;

export interface Period {
  from: string;
  to: string;
  /** The preset chosen, or null for days of one's own. */
  preset: Preset | null;
}

export const readPeriod = (params: URLSearchParams, today: string, otherwise: (typeof PRESETS)[number] = DEFAULT): Period => {
  const from = params.get('from');
  const to = params.get('to');
  if (isDay(from) && isDay(to) && from <= to) return { from, to, preset: null };
  if (params.get('days') === LAST_MONTH) return { ...monthBefore(today), preset: LAST_MONTH };
  const asked = Number(params.get('days'));
  const preset = PRESETS.find((days) => days === asked) ?? otherwise;
  return { from: addDays(today, 1 - preset), to: today, preset };
};

export interface PeriodChoice extends Period {
  today: string;
  choosePreset: (days: Preset) => void;
  chooseDays: (from: string, to: string) => void;
  /** What a link must carry for the next page to show the same days. */
  query: string;
}

/** `otherwise`: how many days where the address says none. */
export const usePeriod = (otherwise?: (typeof PRESETS)[number]): PeriodChoice => {
  const { time_zone } = useShop();
  const [params, setParams] = useSearchParams();
  const today = todayIn(time_zone);
  const period = readPeriod(params, today, otherwise);

  const change = (entries: Record<string, string>): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      for (const key of ['days', 'from', 'to']) next.delete(key);
      for (const [key, value] of Object.entries(entries)) next.set(key, value);
      return next;
    });

  const query = period.preset === null ? `from=${period.from}&to=${period.to}` : `days=${period.preset}`;
  return {
    ...period,
    today,
    query,
    choosePreset: (days) => change({ days: String(days) }),
    chooseDays: (from, to) => change(from <= to ? { from, to } : { from: to, to: from }),
  };
};
