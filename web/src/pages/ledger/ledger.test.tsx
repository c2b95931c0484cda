import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import type { Agreement } from '../../api/types';
import { eur, ledger } from '../../test/fixtures';
import { open, serve } from '../../test/render';
import { agreesThrough } from './Agrees';

const LEDGER = '/api/reports/ledger';
const AGREEMENT = '/api/reports/agreement';

const day = (on: string, verdict: Agreement['days'][number]['verdict']): Agreement['days'][number] => ({
  day: on, verdict, agrees: verdict === 'agrees', sentence: '', shopify: eur(0), ours: eur(0), lines: [], unexplained: eur(0), read_at: null, orders: null,
});

const agreement: Agreement = {
  from: '2026-11-20',
  to: '2026-11-22',
  time_zone: 'Europe/Vienna',
  currency: 'EUR',
  standing: 'read',
  sentence: '',
  allow_at: null,
  complete_through: null,
  read_at: null,
  days: [day('2026-11-20', 'agrees'), day('2026-11-21', 'agrees'), day('2026-11-22', 'open')],
  sums: { days: 3, agree: 2, differ: 0, other: 1, shopify: eur(400_000), ours: eur(399_000), unexplained: eur(0), lines: [{ line: 'subscription_renewals', title: 'Subscription renewals', why: 'Shopify counts them.', orders: 2, amount: eur(-1_000) }] },
};

describe('ledger', () => {
  it('leads each line, class and day to exactly its orders', async () => {
    serve({ [LEDGER]: ledger, [AGREEMENT]: agreement });
    open('/ledger?days=7');
    const line = (await screen.findByText('Attributed to a message')).closest('li') as HTMLElement;
    expect([...line.querySelectorAll('s-link')].map((link) => link.getAttribute('href'))).toEqual([
      '/orders?line=attributed&days=7',
      '/orders?line=attributed&measure=certain&days=7',
      '/orders?line=attributed&measure=strong&days=7',
    ]);
    expect(line.textContent).toContain('9 orders · 20% of net sales');
    expect(screen.getByText('The lines add up to net sales, to the cent.')).toBeTruthy();
    const rows = [...document.querySelectorAll('s-table-body s-table-row')];
    const cells = (index: number) => [...(rows[index]?.querySelectorAll('s-table-cell') ?? [])];
    expect(cells(0).map((cell) => cell.textContent)).toEqual(['Nov 22', '22', '€300.00', '€100.00', '€1,600.50', '€0.00', '€2,000.50']);
    expect(cells(0).map((cell) => cell.querySelector('s-link')?.getAttribute('href') ?? null)).toEqual([
      '/orders?from=2026-11-22&to=2026-11-22',
      null,
      '/orders?measure=certain&from=2026-11-22&to=2026-11-22',
      '/orders?measure=strong&from=2026-11-22&to=2026-11-22',
      '/orders?line=unattributed&from=2026-11-22&to=2026-11-22',
      null,
      '/orders?measure=sales&from=2026-11-22&to=2026-11-22',
    ]);
    expect(cells(2).map((cell) => cell.textContent)).toEqual(['Sum of these days', '44', '€700.10', '€100.00', '€3,200.40', '€0.00', '€4,000.50']);
  });

  it('says through which day it agrees with Shopify, and what explains the rest', async () => {
    serve({ [LEDGER]: ledger, [AGREEMENT]: agreement });
    open('/ledger?days=7');
    expect(await screen.findByText('Agrees with Shopify through November 21, 2026, to the cent.')).toBeTruthy();
    expect(screen.getByText('Compare day by day').getAttribute('href')).toBe('/agreement?days=7');
    expect(screen.getByText('Subscription renewals', { exact: false, selector: 'details .ledger-title' })).toBeTruthy();
  });

  it('agrees no further than the first day that differs', async () => {
    expect(agreesThrough([day('2026-11-19', 'before'), day('2026-11-20', 'agrees'), day('2026-11-21', 'differs'), day('2026-11-22', 'agrees')])).toBe('2026-11-20');
    expect(agreesThrough([day('2026-11-20', 'differs')])).toBeNull();
    serve({ [LEDGER]: ledger, [AGREEMENT]: { ...agreement, days: [day('2026-11-20', 'differs')], sums: { ...agreement.sums, differ: 1, unexplained: eur(7_900) } } });
    open('/ledger');
    expect(await screen.findByText('Not on 1 day: €79.00 is unexplained.')).toBeTruthy();
  });

  it('says when Shopify’s own figures are not here', async () => {
    serve({ [LEDGER]: { ...ledger, days: [], total: { orders: 0, sales: 0, net_sales: eur(0) } }, [AGREEMENT]: { ...agreement, standing: 'scope_missing' } });
    open('/ledger');
    expect(await screen.findByText(/own figures are not here/)).toBeTruthy();
    expect(screen.getByText('No orders in these days')).toBeTruthy();
  });
});
