// What a share left alone costs and what it would show, reckoned with what the shop usually sells.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, must, post } from '../../api/client';
import type { PlanWanted } from '../../api/types';
import { useShop } from '../../app/shop';
import { addDays, todayIn } from '../../lib/dates';
import { useSettled } from '../useSettled';

/** Asked anew once nobody has typed for a moment; null: there is nothing to plan with yet. */
export const usePlan = (wanted: PlanWanted | null) => {
  const settled = useSettled(wanted);
  return useQuery({
    queryKey: ['lift-plan', settled],
    queryFn: () => must(post('/api/lift/plan', { body: settled as PlanWanted })),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  });
};

const DAYS = 30;
/** A share that fewer have made is no share to plan with. */
const FEWEST_BUYERS = 20;

export interface Usual {
  /** What a buyer spends, minor units. */
  value?: number;
  /** Share of those left alone that buys. */
  rate?: number;
  /** People drawn in thirty days. */
  people?: number;
}

/** What the last thirty days say of the shop, and the last ninety of those left alone. Nothing waits for it. */
export const useUsual = (): Usual => {
  const { time_zone: zone } = useShop();
  const to = todayIn(zone);
  const from = addDays(to, 1 - DAYS);
  const summary = useQuery({ queryKey: ['summary', from, to], queryFn: () => must(get('/api/reports/summary', { params: { query: { from, to } } })), retry: false });
  const lift = useQuery({ queryKey: ['lift', {}, undefined], queryFn: () => must(get('/api/reports/lift', { params: { query: {} } })), retry: false });
  const { orders, net_sales: net, funnel } = summary.data ?? {};
  const pooled = lift.data?.pooled;
  return {
    ...(orders && net && orders.sales > 0 && net.minor > 0 ? { value: Math.round(net.minor / orders.sales) } : {}),
    ...(pooled && pooled.holdout_buyers >= FEWEST_BUYERS ? { rate: pooled.holdout_buyers / pooled.holdout } : {}),
    ...(funnel && funnel.drawn >= 100 ? { people: funnel.drawn } : {}),
  };
};
