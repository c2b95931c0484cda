// How a figure of an indicator is written: its value, its limits, and what it was counted from.
import type { Kpi, KpiFigure } from '../../../api/types';
import { formatMoney } from '../../../lib/money';
import { formatCount, formatPercent, formatRange, formatTimes } from '../../../lib/rates';
import { fill, words } from '../../../words';

type Unit = Kpi['unit'];

/** What an indicator is called and how it is counted; one that nobody here knows, as the server says it. */
export const textOf = (kpi: Kpi): { title: string; definition: string; note: string } =>
  (words.kpis.of as Record<string, { title: string; definition: string; note: string }>)[kpi.name] ?? { title: kpi.title, definition: kpi.definition, note: kpi.note ?? '' };

export const valueOf = (figure: KpiFigure, unit: Unit): string => {
  if (figure.value === null || figure.value === undefined) return words.kpis.none;
  if (unit === 'money' && figure.amount) return formatMoney(figure.amount);
  if (unit === 'share') return formatPercent(figure.value);
  return fill(words.kpis.times, { times: formatCount(Math.round(figure.value * 10) / 10) });
};

export const limitsOf = ({ low, high }: KpiFigure, unit: Unit): string => {
  if (low == null || high == null) return '';
  return unit === 'times' ? fill(words.kpis.range, { low: formatTimes(low), high: formatTimes(high) }) : formatRange({ low, high });
};

/** What a figure was counted from; money has its amounts elsewhere on the page. */
export const countsOf = ({ numerator, denominator }: KpiFigure, unit: Unit): string => {
  if (unit === 'times' || denominator === 0) return words.kpis.none;
  return unit === 'share' ? fill(words.kpis.counts, { numerator: formatCount(numerator), denominator: formatCount(denominator) }) : fill(words.kpis.each, { denominator: formatCount(denominator) });
};
