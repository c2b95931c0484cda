// The links of the chosen days, page after page by cursor.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

interface Asked {
  from: string;
  to: string;
  campaign?: string;
}

export const useLinksReport = ({ from, to, campaign }: Asked) =>
  useInfiniteQuery({
    queryKey: ['links', from, to, campaign],
    queryFn: ({ pageParam: cursor }) => must(get('/api/reports/links', { params: { query: { from, to, campaign, cursor } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
