// One campaign: what it is, how its codes stand, what the leak radar says, whom its messages went to; and what can be done.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, post } from '../../api/client';
import type { CampaignCodes } from './codes';

const first = undefined as string | undefined;
const later = <T extends { next_cursor?: string | null }>(page: T): string | undefined => page.next_cursor ?? undefined;
const path = (id: string) => ({ params: { path: { id } } });

const LIVELY_MS = 3_000;
const CALM_MS = 30_000;

export const isUnderWay = (codes: CampaignCodes | undefined): boolean =>
  codes !== undefined && codes.reserved + codes.pushed + codes.revoking + codes.pending > 0;

/** Looked at every few seconds while codes are on their way, else now and then. */
export const useCodes = (id: string) =>
  useQuery({
    queryKey: ['campaign-codes', id],
    queryFn: () => must(get('/api/campaigns/{id}/codes', path(id))),
    refetchInterval: ({ state }) => (state.error ? false : isUnderWay(state.data) ? LIVELY_MS : CALM_MS),
  });

export const useAlarms = (campaign: string, state: 'open' | 'closed') =>
  useInfiniteQuery({
    queryKey: ['campaign-alarms', campaign, state],
    queryFn: ({ pageParam: cursor }) => must(get('/api/codes/alarms', { params: { query: { campaign, state, cursor } } })),
    initialPageParam: first,
    getNextPageParam: later,
  });

export const useMessages = (id: string) =>
  useInfiniteQuery({
    queryKey: ['campaign-messages', id],
    queryFn: ({ pageParam: cursor }) =>
      must(get('/api/campaigns/{id}/messages', { params: { path: { id }, query: { cursor, limit: 25 } } })),
    initialPageParam: first,
    getNextPageParam: later,
  });

export const useCode = (code: string | null) =>
  useQuery({
    queryKey: ['code', code],
    queryFn: () => must(get('/api/codes/{code}', { params: { path: { code: code ?? '' } } })),
    enabled: code !== null,
    staleTime: 0,
  });

/** After a deed everything that shows the campaign is asked for anew. */
const useDeed = <In, Out>(deed: (what: In) => Promise<Out>) => {
  const client = useQueryClient();
  const seen = ['campaign', 'campaigns', 'campaign-codes', 'campaign-alarms', 'campaign-messages', 'code'];
  return useMutation({
    mutationFn: deed,
    onSuccess: () => Promise.all(seen.map((key) => client.invalidateQueries({ queryKey: [key] }))),
  });
};

export const useArchive = () => useDeed((id: string) => must(post('/api/campaigns/{id}/archive', path(id))));
export const useRevokeAll = () => useDeed((id: string) => must(post('/api/campaigns/{id}/codes/revoke', path(id))));
export const useCloseAlarm = () => useDeed((id: string) => must(post('/api/codes/alarms/{id}/close', path(id))));
export const useRevokeCode = () => useDeed((code: string) => must(post('/api/codes/{code}/revoke', { params: { path: { code } } })));
export const useRevokeOf = () => useDeed((message: string) => must(post('/api/messages/{id}/revoke', path(message))));
export const useReplace = () => useDeed((message: string) => must(post('/api/messages/{id}/replacement', path(message))));
