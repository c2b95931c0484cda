// The shop's files, looked at every second or two while one is being made, and what is asked for.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, post, put, remove } from '../../api/client';
import type { MadeFile, NewFile, NewFileSchedule } from '../../api/types';

const KEY = ['files', 'list'];

export const isOnItsWay = ({ state }: MadeFile): boolean => state === 'waiting' || state === 'making';

export const useFiles = () =>
  useInfiniteQuery({
    queryKey: KEY,
    queryFn: ({ pageParam: cursor }) => must(get('/api/files', { params: { query: { cursor } } })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state }) => (state.data?.pages.some((page) => page.files.some(isOnItsWay)) ? 1_500 : false),
  });

export const useMakeFile = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: NewFile) => must(post('/api/files', { body: wanted })),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
};

export const useDeleteFile = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: MadeFile) => must(remove('/api/files/{id}', { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
};

const DAILY = ['files', 'daily'];

export const useDaily = () => useQuery({ queryKey: DAILY, queryFn: () => must(get('/api/files/schedule')) });

export const useChooseDaily = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (wanted: NewFileSchedule) => must(put('/api/files/schedule', { body: wanted })),
    onSuccess: (chosen) => client.setQueryData(DAILY, chosen),
  });
};

export const useStopDaily = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => must(remove('/api/files/schedule')),
    onSuccess: () => client.setQueryData(DAILY, { schedule: null }),
  });
};
