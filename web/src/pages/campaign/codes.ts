// How a campaign's codes stand, and the words for it.

interface Counts {
  reserved: number;
  pushed: number;
  imported: number;
  issued: number;
  redeemed: number;
  expired: number;
  revoking: number;
  revoked: number;
  canaries: number;
}

export interface Slot extends Counts {
  discount_id: string;
  title: string;
  slot_ends_at: string;
  state: string;
  shopify_discount_id?: string | null;
  retired_because?: string | null;
  last_error?: string | null;
}

export interface CampaignCodes extends Counts {
  wanted: number;
  pending: number;
  failed: number;
  failed_because?: string | null;
  per_minute?: number | null;
  seconds_left?: number | null;
  slots: Slot[];
  trouble?: string | null;
}

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
