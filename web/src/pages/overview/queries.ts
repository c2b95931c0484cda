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

export const useLedger = ({ from, to }: Days) =>
  useQuery({
    queryKey: ['ledger', from, to],
    queryFn: () => must(get('/api/reports/ledger', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });
