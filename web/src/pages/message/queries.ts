// One message's life; of a link that is hit very often, its hits page after page.
import { useInfiniteQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

export const useTimeline = (id: string) =>
  useInfiniteQuery({
    queryKey: ['timeline', id],
    queryFn: ({ pageParam: cursor }) => must(get('/api/messages/{id}/timeline', { params: { path: { id }, query: { cursor } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
