// Everybody's claims of the same orders.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

export const useClaims = ({ from, to }: { from: string; to: string }) =>
  useQuery({
    queryKey: ['claims', from, to],
    queryFn: () => must(get('/api/reports/claims', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });
