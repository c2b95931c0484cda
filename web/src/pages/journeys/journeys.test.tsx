import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Cohorts, Journeys } from '../../api/types';
import { eur } from '../../test/fixtures';
import { open, PENDING, serve } from '../../test/render';

const JOURNEYS = '/api/reports/journeys';
const COHORTS = '/api/reports/cohorts';

const MODELS = ['originating', 'first_touch', 'last_touch', 'last_non_direct', 'linear', 'position_based', 'time_decay'] as const;
const shares = (minor: number) => MODELS.map((model) => ({ model, amount: eur(minor) }));

const path = (channels: Journeys['paths'][number]['channels'], orders: number, minor: number, nothing = 0) => ({ channels, orders, value: eur(minor), ended_in_nothing: nothing });

const journeys: Journeys = {
  from: '2026-11-01',
  to: '2026-11-22',
  policy: 'default',
  policy_version: 4,
  currency: 'EUR',
  complete_through: null,
  converted: 12,
  value: eur(100_000),
  ended_in_nothing: 30,
  whole: true,
  originating: eur(60_000),
  channels: [
    { channel: 'whatsapp', journeys: 9, shares: shares(60_000), markov: { amount: eur(70_000), removal_effect: 0.7 }, shapley_rate: 1.05 },
    { channel: 'paid', journeys: 4, shares: shares(40_000), markov: { amount: eur(30_000), removal_effect: 0.3 }, shapley_rate: -0.05 },
  ],
  paths: [path(['whatsapp'], 8, 60_000, 30), path(['paid', 'whatsapp'], 2, 30_000), ...Array.from({ length: 10 }, (_, n) => path(Array.from({ length: n + 1 }, () => 'paid' as const), 1, 1_000))],
  paths_in_all: 40,
  caveats: [],
};

const sum = (customers: number, orders: number, minor: number) => ({ customers, orders, net_sales: eur(minor) });

const cohorts: Cohorts = {
  from: '2025-12-01',
  to: '2026-11-22',
  by: 'any',
  policy: 'default',
  policy_version: 4,
  currency: 'EUR',
  complete_through: null,
  whole: true,
  cohorts: [
    { month: '2026-10-01', ...sum(3, 5, 50_000), before: sum(0, 0, 0), cells: [{ after: 0, ...sum(3, 3, 30_000) }, { after: 1, ...sum(1, 2, 20_000) }] },
    { month: '2026-11-01', ...sum(2, 2, 20_000), before: sum(0, 0, 0), cells: [{ after: 0, ...sum(2, 2, 20_000) }] },
  ],
  untouched: sum(4, 4, 40_000),
  nameless: sum(0, 1, 1_000),
  total: sum(9, 12, 111_000),
  definition: '',
  caveats: [],
};

describe('journeys', () => {
  it('lists the paths that brought most, and more of them', async () => {
    serve({ [JOURNEYS]: journeys, [COHORTS]: PENDING });
    open('/journeys');
    expect(await screen.findByText('12 journeys ended in orders worth €1,000.00; 30 people tapped a link of yours and bought nothing.')).toBeTruthy();
    const rows = () => [...document.querySelectorAll('s-table-body s-table-row')];
    expect(rows()).toHaveLength(10);
    expect([...(rows()[1]?.querySelectorAll('s-table-cell') ?? [])].map((cell) => cell.textContent)).toEqual(['Paid advertising→thenWhatsApp', '2', '0', '€300.00']);
    expect(screen.getByText('10 of 40 paths')).toBeTruthy();
    fireEvent.click(screen.getByText('Show more paths'));
    expect(rows()).toHaveLength(12);
  });

  it('shows nine models side by side, and each says that it proves no cause', async () => {
    serve({ [JOURNEYS]: journeys, [COHORTS]: PENDING });
    open('/journeys');
    const table = await screen.findByRole('group', { name: 'Models side by side' });
    expect(within(table).getAllByRole('columnheader')).toHaveLength(2 + 9);
    const paid = within(within(table).getByRole('row', { name: /^Paid advertising/ })).getAllByRole('cell').map((cell) => cell.textContent);
    expect(paid).toEqual(['4', ...Array(7).fill('€400.0040%'), '€300.0030%', '-5%']);
    expect(screen.getAllByText('Shares credit, proves no cause.')).toHaveLength(9);
  });

  it('shows cohorts month by month, and where the rest went', async () => {
    const asked = serve({ [JOURNEYS]: journeys, [COHORTS]: cohorts });
    open('/journeys?from=2026-11-01&to=2026-11-22');
    const table = await screen.findByRole('group', { name: 'Customers by the month of their first touch' });
    expect(asked.find((url) => url.pathname === COHORTS)?.search).toBe('?to=2026-11-22&months=12&by=any');
    expect(within(table).getAllByRole('columnheader').map((cell) => cell.textContent)).toEqual(['First touch', 'All', 'same month', '+1']);
    const cells = (name: string) => within(within(table).getByRole('row', { name: new RegExp(name) })).getAllByRole('cell').map((cell) => cell.textContent);
    expect(cells('Oct 2026')).toEqual(['€500.003 customers', '€300.003 customers', '€200.001 customer']);
    expect(cells('Nov 2026')).toEqual(['€200.002 customers', '€200.002 customers', '']);
    expect(screen.getByText('Orders that name no customer').parentElement?.textContent).toContain('€10.00 1 order');
    expect(screen.getByText('All paid orders from December 1, 2025 to November 22, 2026').parentElement?.textContent).toContain('€1,110.00 12 orders · 9 customers');
  });

  it('says so when there is nothing', async () => {
    serve({ [JOURNEYS]: { ...journeys, paths: [], channels: [], whole: false }, [COHORTS]: { ...cohorts, cohorts: [] } });
    open('/journeys');
    expect(await screen.findByText('Nothing is known to have touched an order in these days')).toBeTruthy();
    await waitFor(() => expect(screen.getByText('No customer is known to have been touched in these months')).toBeTruthy());
    expect(screen.getByText(/Time ran out/)).toBeTruthy();
  });
});
