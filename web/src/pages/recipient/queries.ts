// One recipient's life, and how they are reached: asked for only when somebody presses for it, and kept nowhere.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, post } from '../../api/client';

export const useLife = (id: string) =>
  useQuery({ queryKey: ['recipient', id], queryFn: () => must(get('/api/recipients/{id}', { params: { path: { id } } })) });

export const useContact = (id: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => must(post('/api/recipients/{id}/contact', { params: { path: { id } } })),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: ['access'] }),
  });
};
