// What the overview asks: the summary and the ledger of the chosen days.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

interface Days {
  from: string;
  to: string;
}

export const useSummary = ({ from, to }: Days) =>
  useQuery({
    queryKey: ['summary', from, to],
    queryFn: () => must(get('/api/reports/summary', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

/** Lists that got out, by canary: looked at whatever days are chosen. */
export const useLeaks = () =>
  useQuery({
    queryKey: ['campaign-alarms', 'critical'],
    queryFn: () => must(get('/api/codes/alarms', { params: { query: { severity: 'critical' } } })),
  });

/** Of all campaigns, or of one. */
export const useKpis = ({ from, to }: Days, campaign?: string) =>
  useQuery({
    queryKey: ['kpis', from, to, campaign],
    queryFn: () => must(get('/api/reports/kpis', { params: { query: { from, to, campaign } } })),
    placeholderData: keepPreviousData,
  });

export const useLedger = ({ from, to }: Days) =>
  useQuery({
    queryKey: ['ledger', from, to],
    queryFn: () => must(get('/api/reports/ledger', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

export const useCosts = ({ from, to }: Days) =>
  useQuery({
    queryKey: ['costs', from, to],
    queryFn: () => must(get('/api/reports/costs', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });
