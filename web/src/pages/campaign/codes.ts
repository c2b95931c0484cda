// How a campaign's codes stand, and the words for it.

import type { CampaignCodes } from '../../api/types';
import { words } from '../../words';

export type { CampaignCodes };
export type Slot = CampaignCodes['slots'][number];

/** The stations of a code's life, in order: what a merchant calls each, and what it means. */
export const stations = () => [
  { key: 'reserved', name: words.campaign.stateMade, what: words.campaign.stationMade },
  { key: 'pushed', name: words.campaign.theirWay, what: words.campaign.stationPushed },
  { key: 'imported', name: words.campaign.ready, what: words.campaign.stationReady },
  { key: 'issued', name: words.campaign.givenOut, what: words.campaign.stationIssued },
  { key: 'redeemed', name: words.campaign.used, what: words.campaign.stationUsed },
] as const;

const retired = (): Record<string, string> => ({
  offer_changed: words.campaign.retiredOffer,
  archived: words.campaign.retiredArchived,
  deleted: words.campaign.retiredDeleted,
  ended: words.campaign.retiredEnded,
});

const states = (): Record<string, string> => ({ planned: words.campaign.slotPlanned, asked: words.campaign.slotAsked, live: words.campaign.live });

export const slotState = (slot: Slot, now: number): { name: string; tone: 'success' | 'info' | 'neutral' | 'warning' } => {
  if (slot.retired_because) {
    const byMerchant = slot.retired_because === 'deleted' || slot.retired_because === 'ended';
    return { name: retired()[slot.retired_because] ?? words.campaign.retired, tone: byMerchant ? 'warning' : 'neutral' };
  }
  if (Date.parse(slot.slot_ends_at) <= now) return { name: words.campaign.over, tone: 'neutral' };
  return { name: states()[slot.state] ?? slot.state, tone: slot.state === 'live' ? 'success' : 'info' };
};
