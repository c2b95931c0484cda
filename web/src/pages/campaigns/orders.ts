import type { Campaign } from '../../api/types';
import { addDays, todayIn } from '../../lib/dates';

/** A campaign's orders from the day it began; a day earlier, so that no time zone cuts off its first hours. */
export const ordersOf = (campaign: Campaign, zone: string): string => {
  const from = addDays(todayIn(zone, new Date(campaign.created_at)), -1);
  return `/orders?campaign=${encodeURIComponent(campaign.id)}&from=${from}&to=${todayIn(zone)}`;
};
