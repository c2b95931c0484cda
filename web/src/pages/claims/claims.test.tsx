import { screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Claims } from '../../api/types';
import { chooseLocale } from '../../lib/locale';
import { eur } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';
import { LANGUAGES, speak } from '../../words';

const PATH = '/api/reports/claims';

type Way = Claims['ways'][number];
type Part = Way['claimed'];

const part = (orders: number, minor: number, paid = 0): Part => ({
  orders,
  amount: eur(minor),
  also: [
    { channel: 'email', orders: 0, amount: eur(0), share: minor > 0 ? 0 : null },
    { channel: 'paid', orders: paid > 0 ? 1 : 0, amount: eur(paid), share: minor > 0 ? paid / minor : null },
    { channel: 'other', orders: 0, amount: eur(0), share: minor > 0 ? 0 : null },
  ],
  also_any: { orders: paid > 0 ? 1 : 0, amount: eur(paid) },
  also_share: minor > 0 ? paid / minor : null,
});
const none = { orders: 0, amount: eur(0) };

const way = (over: Partial<Way>): Way => ({
  policy: 'default',
  version: 4,
  own: true,
  vendor: null,
  says: null,
  sources: [],
  read_on: null,
  windows: [
    { kind: 'redeem_code', class: 'certain', window_seconds: 86_400, clock: null, credited: true },
    { kind: 'person_click', class: 'strong', window_seconds: 86_400, clock: null, credited: true },
    { kind: 'person_read', class: 'exposure', window_seconds: 43_200, clock: null, credited: false },
  ],
  claimed: part(9, 80_000, 20_000),
  certain: part(7, 70_000, 20_000),
  strong: part(2, 10_000),
  exposure: part(0, 0),
  contested: { orders: 1, amount: eur(20_000) },
  shared: none,
  landing_only: none,
  unseen: { orders: 1, amount: eur(24) },
  own_too: { orders: 9, amount: eur(80_000) },
  of_own: 1,
  of_sales: 0.2,
  over_attribution: null,
  claimed_measured: none,
  ...over,
});

const claims: Claims = {
  from: '2026-11-01',
  to: '2026-11-22',
  currency: 'EUR',
  complete_through: '2026-11-22T10:40:00Z',
  looked_at: { orders: 44, whole: true, back_to: '2026-11-01T08:00:00Z' },
  paid: { orders: 40, amount: eur(400_000) },
  kinds: ['redeem_code', 'checkout', 'click_attribute', 'click_session', 'person_click', 'person_read', 'person_delivered'],
  channels: ['email', 'paid', 'other'],
  ways: [
    way({}),
    way({
      policy: 'attentive', version: 1, own: false, vendor: 'Attentive', says: 'A code counts however late.', sources: ['https://help.example'], read_on: '2026-11-29',
      windows: [
        { kind: 'redeem_code', class: 'certain', window_seconds: null, clock: 'unlimited', credited: true },
        { kind: 'person_delivered', class: 'exposure', window_seconds: 86_400, clock: 'sent', credited: true },
      ],
      claimed: part(20, 144_000, 72_000), exposure: part(11, 64_000, 52_000), of_own: 1.8, of_sales: 0.36,
    }),
  ],
  visits: [
    { name: 'utm_last', title: 'Last UTM', definition: 'a', claimed: { orders: 5, amount: eur(40_000) }, known: { orders: 38, amount: eur(390_000) }, own_too: { orders: 4, amount: eur(30_000) }, of_own: 0.5, of_sales: 0.1, over_attribution: null, claimed_measured: none },
  ],
  incremental: null,
  measured_orders: 0,
  incremental_reason: 'Not measured.',
  definitions: [],
  caveats: [],
};

afterEach(() => speak(chooseLocale(LANGUAGES, '?locale=en-US')));

describe('claims', () => {
  it('waits, and fails with the detail', async () => {
    serve({ [PATH]: PENDING });
    open('/claims').unmount();
    serve({ [PATH]: refusal });
    open('/claims');
    expect(await screen.findByText('They will be back within a minute.')).toBeTruthy();
  });

  it('shows each way of counting beside ours, certain, strong and exposure apart', async () => {
    const asked = serve({ [PATH]: claims });
    open('/claims?from=2026-11-01&to=2026-11-22');
    const bar = await screen.findByRole('img', { name: 'Attentive: certain €700.00, strong €100.00, exposure €640.00' });
    expect(asked[0]?.search).toBe('?from=2026-11-01&to=2026-11-22');
    const line = bar.closest('li') as HTMLElement;
    expect(line.textContent).toContain('€1,440.00');
    expect(line.textContent).toContain('1.8 × yours');
    expect(line.textContent).toContain('20 orders · 36% of net sales');
    const own = document.querySelector('[data-way="default"]') as HTMLElement;
    expect(own.textContent).toContain('Your shop');
    expect(own.textContent).toContain('Our standard');
    expect(own.textContent).not.toContain('× yours');
    const utm = document.querySelector('[data-way="utm_last"]') as HTMLElement;
    expect(utm.textContent).toContain('They know a visit of 38 orders. You claim 4 orders of them too.');
    expect(screen.getByText(/44 orders of these days looked at/).textContent).toContain('Net sales of paid orders: €4,000.00, 40 orders.');
  });

  it('says how long each kind counts, and what is not looked at', async () => {
    serve({ [PATH]: claims });
    open('/claims');
    const table = await screen.findByRole('group', { name: 'What each counts, and for how long' });
    expect(table.getAttribute('tabindex')).toBe('0');
    const cells = (name: string) => within(within(table).getByRole('row', { name: new RegExp(name) })).getAllByRole('cell').map((cell) => cell.textContent);
    expect(cells('Your shop')).toEqual(['its life + 1 day', 'not looked at', 'not looked at', 'not looked at', '1 day', '12 hours, told only', 'not looked at']);
    expect(cells('Attentive')).toEqual(['no limit', ...Array(5).fill('not looked at'), '1 day from sending']);
  });

  it('says who else claims them, and how far that can be seen', async () => {
    serve({ [PATH]: claims });
    open('/claims');
    const table = await screen.findByRole('group', { name: 'Who else claims them' });
    const cells = (name: RegExp) => within(within(table).getByRole('row', { name })).getAllByRole('cell').map((cell) => cell.textContent);
    expect(cells(/^Your attributed/)).toEqual(['0%0 orders', '25%1 order', '0%0 orders', '25%1 order']);
    expect(cells(/^Strong/)).toEqual(['0%0 orders', '0%0 orders', '0%0 orders', '0%0 orders']);
    expect(cells(/^Attentive/)[3]).toBe('50%1 order');
    expect(document.querySelector('[data-part="contested"]')?.textContent).toContain('€200.00 1 order · 25% of what you attribute');
    expect(document.querySelector('[data-part="unseen"]')?.textContent).toContain('0.03% of what you attribute');
  });

  it('holds no claim against what is not measured, and says when it will be', async () => {
    serve({ [PATH]: { ...claims, incremental_on: '2027-03-12' } });
    open('/claims');
    expect(await screen.findByText('What the messages caused is not measured yet, so no claim can be held against it.')).toBeTruthy();
    expect(screen.getByText(/March 12, 2027 at the earliest/)).toBeTruthy();
    expect(screen.getByText('See what it takes to measure it').getAttribute('href')).toBe('/lift');
  });

  it('lays the claims of the measured orders before what was caused', async () => {
    const index = (low: number, high: number) => ({ form: 'between', estimate: (low + high) / 2, low, high });
    serve({
      [PATH]: {
        ...claims,
        measured_orders: 30,
        incremental: { value: eur(30_000), low: eur(12_000), high: eur(42_000) },
        ways: claims.ways.map((one, at) => ({ ...one, claimed_measured: { orders: 8, amount: eur(at === 0 ? 60_000 : 120_000) }, over_attribution: at === 0 ? index(1.43, 5) : index(2.86, 10) })),
        visits: claims.visits.map((one) => ({ ...one, claimed_measured: { orders: 4, amount: eur(24_000) }, over_attribution: index(0.57, 2) })),
      },
    });
    open('/claims');
    expect(await screen.findByText('Of €100 your shop claims, between €20 and €70 would not have come without the messages.')).toBeTruthy();
    const line = (id: string): string => document.querySelector(`[data-honesty] [data-line="${id}"]`)?.textContent ?? '';
    expect(line('default')).toBe('Your shop: claims €600.00 claims between 1.43 and 5 times what was caused');
    expect(line('attentive')).toContain('between 2.86 and 10 times');
    expect(line('utm_last')).toContain('Last UTM says WhatsApp: claims €240.00');
    expect(document.querySelectorAll('.interval-behind.interval-gain')).toHaveLength(3);
    expect(screen.getByText(/Measured with 30 orders/)).toBeTruthy();
  });

  it('calls no claim deserved while zero lies within', async () => {
    const measured = { claimed_measured: { orders: 8, amount: eur(60_000) }, over_attribution: { form: 'outside', estimate: null, at_most: -2, at_least: 1.4 } };
    serve({ [PATH]: { ...claims, measured_orders: 30, incremental: { value: eur(9_000), low: eur(-24_000), high: eur(42_000) }, ways: claims.ways.map((one) => ({ ...one, ...measured })), visits: [] } });
    open('/claims');
    expect(await screen.findByText(/cannot be told from chance, so no claim is shown to be deserved/)).toBeTruthy();
    expect(document.querySelector('[data-honesty] .interval-gain, [data-honesty] .interval-loss')).toBeNull();
    expect(screen.getAllByText('claims at least 1.4 times what was caused, or nothing was caused')).toHaveLength(2);
  });

  it('says when time ran out, and when there is nothing', async () => {
    serve({ [PATH]: { ...claims, looked_at: { orders: 9_000, whole: false, back_to: '2026-11-10T08:00:00Z' }, paid: none } });
    open('/claims');
    expect(await screen.findByText('No paid order in these days')).toBeTruthy();
    expect(screen.getByText(/9,000 orders looked at, the latest ones back to Nov 10, 2026/)).toBeTruthy();
  });

  it('speaks German', async () => {
    await speak(chooseLocale(LANGUAGES, '?locale=de-DE'));
    serve({ [PATH]: claims });
    open('/claims');
    expect(await screen.findByRole('group', { name: 'Wer sie noch beansprucht' })).toBeTruthy();
    expect(document.querySelector('[data-way="attentive"]')?.textContent).toContain('1,8 × Ihres');
  });
});
