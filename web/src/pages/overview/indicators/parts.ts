// The parts of a period: what they are called, where they lead, and in which order they stand.
import type { Kpi, KpiGroup } from '../../../api/types';
import { formatDay, formatMonth } from '../../../lib/dates';
import { told } from '../../../lib/sentence';
import { said, words } from '../../../words';

const WAYS = ['day', 'month', 'campaign', 'template', 'step', 'link', 'code'] as const;
export type By = (typeof WAYS)[number];
/** Codes are told apart within a campaign: their discounts are its own. */
export const waysOf = (campaign: string | undefined): readonly By[] => WAYS.filter((way) => way !== 'code' || campaign !== undefined);

/** What the merchant calls it: words of theirs as they are, ours in the language of the page. */
export const nameOf = (by: By, { key, name }: Pick<KpiGroup, 'key' | 'name'>, zone: string): string => {
  if (by === 'day') return formatDay(key);
  if (by === 'month') return key === 'earlier' ? words.kpis.earlier : formatMonth(`${key}-01`);
  if (by === 'link' && key === 'checkout') return words.kpis.toCheckout;
  if (key === '') return words.kpis.without[by as 'template'] ?? said(name);
  return told(name, zone);
};

export type Order = 'as told' | 'name' | 'value' | 'messages';

const valueIn = ({ figures }: KpiGroup, kpi: Kpi): number => figures[kpi.name]?.value ?? Number.NEGATIVE_INFINITY;

/** In the order that was asked for; groups of which nothing can be said stand last. */
export const sorted = (groups: KpiGroup[], by: By, kpi: Kpi, order: Order, zone: string): KpiGroup[] => {
  const ways: Record<Order, (one: KpiGroup, other: KpiGroup) => number> = {
    'as told': () => 0,
    name: (one, other) => nameOf(by, one, zone).localeCompare(nameOf(by, other, zone)),
    value: (one, other) => valueIn(other, kpi) - valueIn(one, kpi),
    messages: (one, other) => other.messages - one.messages,
  };
  return [...groups].sort(ways[order]);
};
