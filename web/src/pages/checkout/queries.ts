// One checkout's story.
import { useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';

export const useStory = (token: string) =>
  useQuery({
    queryKey: ['checkout', token],
    queryFn: () => must(get('/api/checkouts/{token}', { params: { path: { token } } })),
  });
