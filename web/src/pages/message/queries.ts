// One message's life.
import { useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

export const useTimeline = (id: string) =>
  useQuery({
    queryKey: ['timeline', id],
    queryFn: () => must(get('/api/messages/{id}/timeline', { params: { path: { id } } })),
  });
