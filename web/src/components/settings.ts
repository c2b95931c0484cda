// What the merchant chose for the whole shop.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, must, patch } from '../api/client';
import type { SettingsChange } from '../api/types';

const SETTINGS = ['settings'];

export const useSettings = () => useQuery({ queryKey: SETTINGS, queryFn: () => must(get('/api/settings')) });

export const useChangeSettings = () => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: SettingsChange) => must(patch('/api/settings', { body })),
    onSuccess: (settings) => client.setQueryData(SETTINGS, settings),
  });
};
