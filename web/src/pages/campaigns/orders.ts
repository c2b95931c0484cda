import type { Campaign } from '../../api/types';
import { addDays, todayIn } from '../../lib/dates';

/** A report covers at most three years. */
const MOST_DAYS = 3 * 366 - 1;

const days = (campaign: Campaign, zone: string): string => {
  const today = todayIn(zone);
  const [began, earliest] = [addDays(todayIn(zone, new Date(campaign.created_at)), -1), addDays(today, 1 - MOST_DAYS)];
  return `from=${began > earliest ? began : earliest}&to=${today}`;
};

/** A campaign's attributed orders from the day it began; a day earlier, so that no time zone cuts off its first hours. */
export const ordersOf = (campaign: Campaign, zone: string): string =>
  `/orders?measure=attributed&campaign=${encodeURIComponent(campaign.id)}&${days(campaign, zone)}`;

/** Its links over the same days. */
export const linksOf = (campaign: Campaign, zone: string): string => `/links?campaign=${encodeURIComponent(campaign.id)}&${days(campaign, zone)}`;
