// The look at a campaign while it is being written, and the saving of it.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { get, must, patch, post } from '../../api/client';
import type { CampaignChange, NewCampaign } from '../../api/types';
import { useSettled } from '../../components/useSettled';

/** What the server says of the campaign as it stands: its rules exist there, once. */
export const usePreview = (body: NewCampaign) => {
  const settled = useSettled(body);
  const preview = useQuery({
    queryKey: ['campaign-preview', settled],
    queryFn: () => must(post('/api/campaigns/preview', { body: settled })),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
  return { ...preview, isOfNow: JSON.stringify(settled) === JSON.stringify(body) && !preview.isPlaceholderData };
};

export const useCampaign = (id: string) =>
  useQuery({ queryKey: ['campaign', id], queryFn: () => must(get('/api/campaigns/{id}', { params: { path: { id } } })) });

/** One key per body: pressing twice, or again after an answer that was lost, makes one campaign. */
export const useCreate = () => {
  const client = useQueryClient();
  const tried = useRef({ body: '', key: '' });
  return useMutation({
    mutationFn: (body: NewCampaign) => {
      const text = JSON.stringify(body);
      if (tried.current.body !== text) tried.current = { body: text, key: crypto.randomUUID() };
      return must(post('/api/campaigns', { body, headers: { 'Idempotency-Key': tried.current.key } }));
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['campaigns'] }),
  });
};

export const useChange = (id: string) => {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: CampaignChange) => must(patch('/api/campaigns/{id}', { params: { path: { id } }, body })),
    onSuccess: () =>
      Promise.all([['campaigns'], ['campaign', id], ['campaign-codes', id]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
};
