// Messages of the chosen days, page after page by cursor.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { MessageStanding } from '../../api/types';

interface Asked {
  from: string;
  to: string;
  campaign?: string;
  state?: MessageStanding;
}

const PAGE = 25;

export const useMessages = ({ from, to, campaign, state }: Asked) =>
  useInfiniteQuery({
    queryKey: ['messages', from, to, campaign, state],
    queryFn: ({ pageParam: cursor }) => must(get('/api/messages', { params: { query: { from, to, campaign, state, cursor, limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
