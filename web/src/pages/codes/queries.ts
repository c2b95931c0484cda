// Codes that recipients were given, page after page by cursor.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { CodeStanding } from '../../api/types';

interface Asked {
  from: string;
  to: string;
  campaign?: string;
  state?: CodeStanding;
  /** Hours. */
  ending_within?: number;
}

const PAGE = 25;

export const useCodes = ({ from, to, campaign, state, ending_within }: Asked) =>
  useInfiniteQuery({
    queryKey: ['codes', from, to, campaign, state, ending_within],
    queryFn: ({ pageParam: cursor }) => must(get('/api/codes', { params: { query: { from, to, campaign, state, ending_within, cursor, limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
