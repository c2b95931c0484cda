// Checkouts that lie quiet, or did, page after page by cursor.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { paths } from '../../api/schema';

/** Which of them. */
export type Choice = NonNullable<NonNullable<paths['/api/checkouts']['get']['parameters']['query']>['state']>;

const PAGE = 25;

export const useCheckouts = (state: Choice) =>
  useInfiniteQuery({
    queryKey: ['checkouts', state],
    queryFn: ({ pageParam: cursor }) => must(get('/api/checkouts', { params: { query: { state, cursor, limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
