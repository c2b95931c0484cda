// Journeys of the chosen days, and cohorts of the months up to their end.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { Cohorts } from '../../api/types';

export const useJourneys = ({ from, to }: { from: string; to: string }) =>
  useQuery({
    queryKey: ['journeys', from, to],
    queryFn: () => must(get('/api/reports/journeys', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

export const useCohorts = (to: string, months: number, by: Cohorts['by']) =>
  useQuery({
    queryKey: ['cohorts', to, months, by],
    queryFn: () => must(get('/api/reports/cohorts', { params: { query: { to, months, by } } })),
    placeholderData: keepPreviousData,
  });
