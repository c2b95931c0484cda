import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { checkoutRow, eur } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';

const LIST = '/api/checkouts';

const share = (numerator: number, denominator: number) => ({ definition: '', numerator, denominator, value: denominator ? numerator / denominator : null, low: null, high: null });
const came = (completed: number, checkouts: number) => ({ checkouts, completed, rate: share(completed, checkouts) });
const some = (checkouts: number) => ({ checkouts, value: eur(checkouts * 1_000) });
const report = {
  from: '2026-10-24', to: '2026-11-22', complete_through: '2026-11-22T10:00:00Z', definition: '',
  abandoned: some(20), open: some(8), recovered: some(6), withdrawn: some(4), deleted: some(2),
  written_to: came(5, 12), held_out: came(1, 4), nobodys: came(0, 4), orders: 3, net_sales: eur(12_000),
  by_evidence: [{ evidence: 'code', orders: 2, net_sales: eur(8_000) }, { evidence: null, orders: 1, net_sales: eur(4_000) }],
};

describe('abandoned checkouts', () => {
  it('say what they came to before any of them', async () => {
    serve({ [LIST]: { checkouts: [checkoutRow], next_cursor: null }, '/api/reports/checkouts': report });
    open('/checkouts');
    expect(await screen.findByText('€200.00')).toBeTruthy();
    expect(document.querySelector('[data-sum="recovered"]')?.textContent).toContain('€60.00');
    expect(document.querySelector('[data-rate="written_to"]')?.textContent).toContain('5 of 12');
    expect(document.querySelector('[data-rate="held_out"]')?.textContent).toContain('25%');
    expect(screen.getByText('3 orders').getAttribute('href')).toBe('/orders?measure=recovered&days=30');
    expect(screen.getByText('Nothing but that checkout ties it to the message')).toBeTruthy();
  });

  it('waits with a skeleton', () => {
    serve({ [LIST]: PENDING });
    open('/checkouts');
    expect(screen.getAllByText('Loading…').length).toBeGreaterThan(0);
  });

  it('says when no checkout lies quiet', async () => {
    serve({ [LIST]: { checkouts: [], next_cursor: null } });
    open('/checkouts');
    expect(await screen.findByText('No checkout lies quiet')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ [LIST]: refusal });
    open('/checkouts');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('lists what each is worth and leads to its story', async () => {
    const asked = serve({ [LIST]: { checkouts: [checkoutRow], next_cursor: null } });
    const { container } = open('/checkouts?state=open');
    expect(await screen.findByText('By phone')).toBeTruthy();
    expect(screen.getByText('All 1 checkout')).toBeTruthy();
    expect(container.querySelector('s-link[href="/checkouts/0123456789abcdef"]')).toBeTruthy();
    expect(asked.at(-1)?.searchParams.get('state')).toBe('open');
  });
});
