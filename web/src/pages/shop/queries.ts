// How the shop stands: its sources, its deliveries that were set aside, and what its customers asked.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { download, get, must, post } from '../../api/client';
import type { Delivery } from '../../api/types';

const later = <T extends { next_cursor?: string | null }>(page: T): string | undefined => page.next_cursor ?? undefined;
const first = undefined as string | undefined;

/** Looked at again every few seconds while the past is still being read. */
export const useSources = () =>
  useQuery({
    queryKey: ['shop', 'sources'],
    queryFn: () => must(get('/api/shop/sources')),
    refetchInterval: ({ state }) => (state.data?.backfill && !state.data.backfill.done_at ? 3_000 : false),
  });

export const usePixel = () => useQuery({ queryKey: ['shop', 'pixel'], queryFn: () => must(get('/api/pixel')) });

const DEAD = ['deliveries', 'dead'];

export const useDeadDeliveries = () =>
  useInfiniteQuery({
    queryKey: DEAD,
    queryFn: ({ pageParam: cursor }) => must(get('/api/deliveries', { params: { query: { state: 'dead', cursor, limit: 25 } } })),
    initialPageParam: first,
    getNextPageParam: later,
  });

export const useReplay = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ source, delivery_id: id }: Pick<Delivery, 'source' | 'delivery_id'>) =>
      must(post('/api/deliveries/{source}/{id}/replay', { params: { path: { source, id } } })),
    onSuccess: () => client.invalidateQueries({ queryKey: DEAD }),
  });
};

export const usePrivacyRequests = () =>
  useQuery({ queryKey: ['privacy', 'requests'], queryFn: () => must(get('/api/privacy/requests')) });

export const useAccessLog = () =>
  useInfiniteQuery({
    queryKey: ['privacy', 'access'],
    queryFn: ({ pageParam: cursor }) => must(get('/api/privacy/access', { params: { query: { cursor, limit: 50 } } })),
    initialPageParam: first,
    getNextPageParam: later,
  });

export const useRetention = () => useQuery({ queryKey: ['privacy', 'retention'], queryFn: () => must(get('/api/privacy/retention')) });

export const useDownload = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ path, format }: { path: string; format: 'text' | 'json' }) =>
      download(`${path}?format=${format}`, format === 'text' ? 'customer-data.txt' : 'customer-data.json'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['privacy'] }),
  });
};
