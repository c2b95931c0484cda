// How the shop stands: its sources, its deliveries that were set aside, and what its customers asked.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { download, get, must, post, put, remove } from '../../api/client';
import type { Delivery, KeyScope, LinkChoice, Rate, WebhookEvent } from '../../api/types';

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

const LINKS = ['settings', 'links'];

export const useLinkSettings = () => useQuery({ queryKey: LINKS, queryFn: () => must(get('/api/settings/links')) });

export const useChooseLinks = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (choice: LinkChoice) => must(put('/api/settings/links', { body: choice })),
    onSuccess: (links) => client.setQueryData(LINKS, links),
  });
};

export const useLookAtDomain = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => must(post('/api/settings/links/look')),
    onSuccess: (links) => client.setQueryData(LINKS, links),
  });
};

const RATES = ['settings', 'rates'];
const COSTS = ['reports', 'costs'];

export const useRates = () => useQuery({ queryKey: RATES, queryFn: () => must(get('/api/settings/rates')) });

export const useChooseRates = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (choice: { rates: Rate[] }) => must(put('/api/settings/rates', { body: choice })),
    onSuccess: (rates) => {
      client.setQueryData(RATES, rates);
      return client.invalidateQueries({ queryKey: COSTS });
    },
  });
};

/** Of the last thirty days. */
export const useCosts = () => useQuery({ queryKey: COSTS, queryFn: () => must(get('/api/reports/costs')) });

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

const WEBHOOKS = ['webhooks'];

export const useWebhooks = () => useQuery({ queryKey: WEBHOOKS, queryFn: () => must(get('/api/webhooks')) });

/** Looked at again every few seconds while something is on its way. */
export const useWebhookDeliveries = (id: string) =>
  useQuery({
    queryKey: [...WEBHOOKS, id],
    queryFn: () => must(get('/api/webhooks/{id}/deliveries', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data?.deliveries.some((row) => row.state === 'waiting') ? 3_000 : false),
  });

const useWebhookChange = <V, T>(change: (asked: V) => Promise<T>) => {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => client.invalidateQueries({ queryKey: WEBHOOKS }) });
};

const one = (id: string) => ({ params: { path: { id } } });

export const useAddWebhook = () => useWebhookChange((body: { url: string; events: WebhookEvent[] }) => must(post('/api/webhooks', { body })));
export const useTestWebhook = () => useWebhookChange((id: string) => must(post('/api/webhooks/{id}/test', one(id))));
export const useRotateWebhook = () => useWebhookChange((id: string) => must(post('/api/webhooks/{id}/rotate', one(id))));
export const useDeleteWebhook = () => useWebhookChange((id: string) => must(remove('/api/webhooks/{id}', one(id))));

const KEYS = ['keys'];

export const useKeys = () => useQuery({ queryKey: KEYS, queryFn: () => must(get('/api/keys')) });

const useKeyChange = <V, T>(change: (asked: V) => Promise<T>) => {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => client.invalidateQueries({ queryKey: KEYS }) });
};

export const useMakeKey = () => useKeyChange((body: { name: string; scopes: KeyScope[] }) => must(post('/api/keys', { body })));
export const useRevokeKey = () => useKeyChange((id: string) => must(remove('/api/keys/{id}', one(id))));
