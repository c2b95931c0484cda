// What the overview asks: the summary and the ledger of the chosen days.
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

interface Days {
  from: string;
  to: string;
}

export const SUMMARY = ({ from, to }: Days) =>
  queryOptions({ queryKey: ['summary', from, to], queryFn: () => must(get('/api/reports/summary', { params: { query: { from, to } } })) });
export const LEDGER = ({ from, to }: Days) =>
  queryOptions({ queryKey: ['ledger', from, to], queryFn: () => must(get('/api/reports/ledger', { params: { query: { from, to } } })) });
export const KPIS = ({ from, to }: Days, campaign?: string) =>
  queryOptions({ queryKey: ['kpis', from, to, campaign], queryFn: () => must(get('/api/reports/kpis', { params: { query: { from, to, campaign } } })) });
export const COSTS = ({ from, to }: Days) =>
  queryOptions({ queryKey: ['costs', from, to], queryFn: () => must(get('/api/reports/costs', { params: { query: { from, to } } })) });
export const LEAKS = queryOptions({
  queryKey: ['campaign-alarms', 'critical'],
  queryFn: () => must(get('/api/codes/alarms', { params: { query: { severity: 'critical' } } })),
});

export const useSummary = (days: Days) => useQuery({ ...SUMMARY(days), placeholderData: keepPreviousData });
export const useLedger = (days: Days) => useQuery({ ...LEDGER(days), placeholderData: keepPreviousData });
/** Of all campaigns, or of one. */
export const useKpis = (days: Days, campaign?: string) => useQuery({ ...KPIS(days, campaign), placeholderData: keepPreviousData });
/** Lists that got out, by canary: looked at whatever days are chosen. */
export const useLeaks = () => useQuery(LEAKS);

export const useCosts = (days: Days) => useQuery({ ...COSTS(days), placeholderData: keepPreviousData });
