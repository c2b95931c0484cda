// The overview's numbers, asked for while its page is still being put together: it is what most visits begin with.
import type { QueryClient } from '@tanstack/react-query';
import type { Shop } from '../api/types';
import { readPeriod } from '../components/period/usePeriod';
import { todayIn } from '../lib/dates';
import { COSTS, KPIS, LEAKS, LEDGER, SUMMARY } from '../pages/overview/queries';
import { keptOf } from './kept';

/** How long drawing waits for them: once with the numbers costs less than first without and then with them. */
const PATIENCE_MS = 800;

/** Asks, and comes back when all are here or it has taken too long. Whatever is late or failed is for the page to say. */
export const askAhead = async (client: QueryClient, { time_zone: zone }: Pick<Shop, 'time_zone'>, { pathname, search }: { pathname: string; search: string }): Promise<void> => {
  if (pathname !== '/') return;
  const params = new URLSearchParams(search);
  // Without a choice of its own the page will go to the days chosen last.
  const days = readPeriod(params.size > 0 ? params : (keptOf(pathname) ?? params), todayIn(zone));
  const asked = [client.prefetchQuery(SUMMARY(days)), client.prefetchQuery(LEDGER(days)), client.prefetchQuery(KPIS(days)), client.prefetchQuery(COSTS(days)), client.prefetchQuery(LEAKS)];
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([Promise.all(asked), patience]);
};
