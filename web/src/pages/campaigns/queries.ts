// All campaigns, page after page by cursor.
import { useInfiniteQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

export const useCampaigns = () =>
  useInfiniteQuery({
    queryKey: ['campaigns'],
    queryFn: ({ pageParam: cursor }) => must(get('/api/campaigns', { params: { query: { cursor } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
