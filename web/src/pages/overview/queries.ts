// What the overview asks: the summary and the ledger of the chosen days.
import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { Kpis } from '../../api/types';

type Parts = Kpis['by'];

interface Days {
  from: string;
  to: string;
}

export const SUMMARY = ({ from, to }: Days) =>
  queryOptions({ queryKey: ['summary', from, to], queryFn: () => must(get('/api/reports/summary', { params: { query: { from, to } } })) });
export const LEDGER = ({ from, to }: Days) =>
  queryOptions({ queryKey: ['ledger', from, to], queryFn: () => must(get('/api/reports/ledger', { params: { query: { from, to } } })) });
/** Of which campaigns: one, or those with a word of the merchant's. */
interface Only {
  campaign?: string;
  template?: string;
  step?: string;
}

export const KPIS = ({ from, to }: Days, only: Only = {}) =>
  queryOptions({ queryKey: ['kpis', from, to, only.campaign, only.template, only.step], queryFn: () => must(get('/api/reports/kpis', { params: { query: { from, to, ...only } } })) });
export const COSTS = ({ from, to }: Days) =>
  queryOptions({ queryKey: ['costs', from, to], queryFn: () => must(get('/api/reports/costs', { params: { query: { from, to } } })) });
export const LEAKS = queryOptions({
  queryKey: ['campaign-alarms', 'critical'],
  queryFn: () => must(get('/api/codes/alarms', { params: { query: { severity: 'critical' } } })),
});

export const useSummary = (days: Days) => useQuery({ ...SUMMARY(days), placeholderData: keepPreviousData });
export const useLedger = (days: Days) => useQuery({ ...LEDGER(days), placeholderData: keepPreviousData });
/** Of all campaigns, or of some. */
export const useKpis = (days: Days, only: Only) => useQuery({ ...KPIS(days, only), placeholderData: keepPreviousData });
/** The same of each part. */
export const useParts = ({ from, to }: Days, only: Only, by: NonNullable<Parts>) =>
  useInfiniteQuery({
    queryKey: ['kpis-by', by, from, to, only.campaign, only.template, only.step],
    queryFn: ({ pageParam }) => must(get('/api/reports/kpis', { params: { query: { from, to, ...only, by, cursor: pageParam } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
/** Lists that got out, by canary: looked at whatever days are chosen. */
export const useLeaks = () => useQuery(LEAKS);

export const useCosts = (days: Days) => useQuery({ ...COSTS(days), placeholderData: keepPreviousData });
