// How a campaign's codes stand, and the words for it.

import type { CampaignCodes } from '../../api/types';

export type { CampaignCodes };
export type Slot = CampaignCodes['slots'][number];

/** The stations of a code's life, in order: what a merchant calls each, and what it means. */
export const STATIONS = [
  { key: 'reserved', name: 'Made', what: 'Drawn here; Shopify is asked next' },
  { key: 'pushed', name: 'On their way', what: 'Shopify is importing them' },
  { key: 'imported', name: 'Ready', what: 'Live at Shopify, waiting for recipients' },
  { key: 'issued', name: 'Given out', what: 'In recipients’ hands' },
  { key: 'redeemed', name: 'Used', what: 'An order used them' },
] as const;

const RETIRED: Record<string, string> = {
  offer_changed: 'Replaced: the offer was changed',
  archived: 'Campaign archived',
  deleted: 'Deleted in your admin',
  ended: 'Ended in your admin',
};

const STATES: Record<string, string> = { planned: 'Not at Shopify yet', asked: 'Being made at Shopify', live: 'Live' };

export const slotState = (slot: Slot, now: number): { name: string; tone: 'success' | 'info' | 'neutral' | 'warning' } => {
  if (slot.retired_because) {
    const byMerchant = slot.retired_because === 'deleted' || slot.retired_because === 'ended';
    return { name: RETIRED[slot.retired_because] ?? 'Not used any more', tone: byMerchant ? 'warning' : 'neutral' };
  }
  if (Date.parse(slot.slot_ends_at) <= now) return { name: 'Over', tone: 'neutral' };
  return { name: STATES[slot.state] ?? slot.state, tone: slot.state === 'live' ? 'success' : 'info' };
};
