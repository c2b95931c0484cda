// The parts of a period: what they are called, where they lead, and in which order they stand.
import type { Kpi, KpiGroup } from '../../../api/types';
import { formatDay, formatMonth } from '../../../lib/dates';
import { said, words } from '../../../words';

export const WAYS = ['day', 'month', 'campaign', 'template', 'step', 'link'] as const;
export type By = (typeof WAYS)[number];
export const isWay = (by: string | undefined): by is By => WAYS.some((way) => way === by);

/** What the merchant calls it: words of theirs as they are, ours in the language of the page. */
export const nameOf = (by: By, { key, name }: Pick<KpiGroup, 'key' | 'name'>): string => {
  if (by === 'day') return formatDay(key);
  if (by === 'month') return key === 'earlier' ? words.kpis.earlier : formatMonth(`${key}-01`);
  if (by === 'link' && key === 'checkout') return words.kpis.toCheckout;
  if (key === '') return words.kpis.without[by as 'template'] ?? said(name);
  return said(name);
};

export type Order = 'as told' | 'name' | 'value' | 'messages';

const valueIn = ({ figures }: KpiGroup, kpi: Kpi): number => figures[kpi.name]?.value ?? Number.NEGATIVE_INFINITY;

/** In the order that was asked for; groups of which nothing can be said stand last. */
export const sorted = (groups: KpiGroup[], by: By, kpi: Kpi, order: Order): KpiGroup[] => {
  const ways: Record<Order, (one: KpiGroup, other: KpiGroup) => number> = {
    'as told': () => 0,
    name: (one, other) => nameOf(by, one).localeCompare(nameOf(by, other)),
    value: (one, other) => valueIn(other, kpi) - valueIn(one, kpi),
    messages: (one, other) => other.messages - one.messages,
  };
  return [...groups].sort(ways[order]);
};
