// How it goes, looked at every minute, and another try for a job that was given up.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, post } from '../../api/client';
import type { FailedJob } from '../../api/types';

const KEY = ['health'];
const MINUTE_MS = 60_000;

/** What is tried again has been done, or has failed again, moments later. */
const SOON_MS = 4_000;

export const useHealth = () => useQuery({ queryKey: KEY, queryFn: () => must(get('/api/health')), refetchInterval: MINUTE_MS });

export const useRetry = () => {
  const client = useQueryClient();
  const look = () => client.invalidateQueries({ queryKey: KEY });
  return useMutation({
    mutationFn: ({ id }: FailedJob) => must(post('/api/health/jobs/{id}/retry', { params: { path: { id } } })),
    onSuccess: () => window.setTimeout(() => void look(), SOON_MS),
    // A job that cannot be tried again is no longer where it stood.
    onSettled: look,
  });
};
