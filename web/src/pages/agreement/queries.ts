// Ours beside Shopify's own net sales, and asking for what may be missing.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, post } from '../../api/client';

const KEY = 'agreement';

/** What is read again is here moments later. */
const SOON = 4_000;

export const useAgreement = ({ from, to }: { from: string; to: string }) =>
  useQuery({
    queryKey: [KEY, from, to],
    queryFn: () => must(get('/api/reports/agreement', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

export const useReadAgain = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (day: string) => must(post('/api/reports/agreement/{day}/read-again', { params: { path: { day } } })),
    onSuccess: () => window.setTimeout(() => void client.invalidateQueries({ queryKey: [KEY] }), SOON),
  });
};
