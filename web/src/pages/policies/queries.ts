// How the shop counts: the policies and presets, all of them over the same orders, and what one would change.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, post } from '../../api/client';
import type { Policy } from '../../api/types';

/** While history is being judged anew, how far that has come is news every few seconds. */
const WHILE_RESTATING = 3_000;

export const usePolicies = () =>
  useQuery({
    queryKey: ['policies'],
    queryFn: () => must(get('/api/policies')),
    refetchInterval: ({ state }) => (state.data?.policies.some((one) => one.active && one.restated?.ended_at == null) ? WHILE_RESTATING : false),
  });

export const useComparison = ({ from, to }: { from: string; to: string }) =>
  useQuery({
    queryKey: ['policies', 'compared', from, to],
    queryFn: () => must(get('/api/reports/policies', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });

export const usePreview = (name: string, { from, to }: { from: string; to: string }) =>
  useQuery({
    queryKey: ['policies', 'preview', name, from, to],
    queryFn: () => must(post('/api/policies/preview', { body: { policy: name, from, to } })),
    enabled: name !== '',
    placeholderData: keepPreviousData,
  });

/** Another version of a policy, or a new one: a draft, until somebody counts by it. */
export const useMake = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Policy) => must(post('/api/policies', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
};

const useSwitch = (path: '/api/policies/{name}/activate' | '/api/policies/{name}/retire') => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (name: string) => must(post(path, { params: { path: { name } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
};
export const useActivate = () => useSwitch('/api/policies/{name}/activate');
export const useRetire = () => useSwitch('/api/policies/{name}/retire');
