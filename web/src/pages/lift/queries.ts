// What messages caused: of one campaign, of the programme, of all campaigns of some days; and what became of quiet carts.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, put } from '../../api/client';

export interface Days {
  from: string;
  to: string;
  horizon_days: number;
}

export type Of = { campaign: string } | { program: string } | Record<string, never>;

export const useLift = (of: Of, days?: Days) =>
  useQuery({
    queryKey: ['lift', of, days],
    queryFn: () => must(get('/api/reports/lift', { params: { query: { ...of, ...days } } })),
    placeholderData: keepPreviousData,
  });

export type By = 'kind' | 'template' | 'step' | 'month' | 'horizon';

export const useParts = (of: Of, by: By, days?: Days) =>
  useQuery({
    queryKey: ['lift', of, days, by],
    queryFn: () => must(get('/api/reports/lift', { params: { query: { ...of, ...days, by } } })).then(({ parts }) => parts ?? null),
  });

export const useMeta = (horizon: number) =>
  useQuery({ queryKey: ['lift', 'meta', horizon], queryFn: () => must(get('/api/reports/lift/meta', { params: { query: { horizon_days: horizon } } })) });

export const useRecovery = (days: Days) =>
  useQuery({
    queryKey: ['recovery', days],
    queryFn: () => must(get('/api/reports/recovery', { params: { query: { ...days } } })),
    placeholderData: keepPreviousData,
  });

const PROGRAM = ['program'];

export const usePrograms = () => useQuery({ queryKey: PROGRAM, queryFn: () => must(get('/api/lift/program')) });

/** 0 ends it. */
export const useChangeProgram = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (share: number) => must(put('/api/lift/program', { body: { share } })),
    onSuccess: (programs) => {
      client.setQueryData(PROGRAM, programs);
      return client.invalidateQueries({ queryKey: ['lift'] });
    },
  });
};
