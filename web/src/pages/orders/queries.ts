// The shop's orders of the chosen days, page after page by cursor.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { paths } from '../../api/schema';

/** A line of the ledger. */
export type Line = NonNullable<NonNullable<paths['/api/orders']['get']['parameters']['query']>['line']>;

/** A number of the reports: the list of exactly what it counts. */
export type Measure = NonNullable<NonNullable<paths['/api/orders']['get']['parameters']['query']>['measure']>;

interface Asked {
  from: string;
  to: string;
  measure?: Measure;
  line?: Line;
  campaign?: string;
}

const PAGE = 25;

export const useOrders = ({ from, to, measure, line, campaign }: Asked) =>
  useInfiniteQuery({
    queryKey: ['orders', from, to, measure, line, campaign],
    queryFn: ({ pageParam: cursor }) => must(get('/api/orders', { params: { query: { from, to, measure, line, campaign, cursor, limit: PAGE } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
