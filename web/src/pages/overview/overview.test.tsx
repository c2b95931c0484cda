import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { bareSummary, eur, ledger, summary } from '../../test/fixtures';
import { open, PENDING, refusal, serve as serveOnly } from '../../test/render';

const SUMMARY = '/api/reports/summary';
const LEDGER = '/api/reports/ledger';
const ALARMS = '/api/codes/alarms';
const KPIS = '/api/reports/kpis';
const COSTS = '/api/reports/costs';
const charged = (messages: number, amount?: string) => ({ messages, amounts: amount ? [{ amount, currency: 'EUR' }] : [] });
const costs = {
  from: '2026-10-24', to: '2026-11-22', messages: 100, reported: charged(60, '30.00'), rate_table: charged(40, '20.005'), not_charged: 0, rate_missing: 0, category_assumed: 0,
  total: [{ amount: '50.005', currency: 'EUR' }], complete: true, missing: [], campaigns: [],
};
const nothing = { numerator: 0, denominator: 0, value: null, low: null, high: null, amount: null };
const kpi = (name: string, unit: string, figure: object, before: object = nothing) => ({ name, title: name, definition: 'a / b.', note: null, unit, ...nothing, ...figure, before });
const kpis = {
  from: '2026-11-16', to: '2026-11-22', before_from: '2026-11-09', before_to: '2026-11-15', policy: 'default', policy_version: 4, complete_through: null,
  kpis: [
    kpi('delivery_rate', 'share', { numerator: 96, denominator: 100, value: 0.96, low: 0.9016, high: 0.9843 }, { ...nothing, numerator: 45, denominator: 50, value: 0.9 }),
    kpi('average_order_value', 'money', { numerator: 12_000, denominator: 2, value: 6_000, amount: { minor: 6_000, currency: 'EUR' } }),
    kpi('return_on_spend', 'times', {}),
    kpi('incremental_return_on_spend', 'times', { value: 3.2, low: -0.4, high: 6.8 }),
  ],
};
/** No list has got out, unless a test says so. */
const serve = (answers: Record<string, unknown>) => {
  const asked = serveOnly({ [ALARMS]: { alarms: [], next_cursor: null }, [KPIS]: kpis, [COSTS]: costs, ...answers });
  return { of: (path: string) => asked.filter((url) => url.pathname === path) };
};
const figure = (measure: string) => document.querySelector(`[data-measure="${measure}"]`) as HTMLElement;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T11:00:00Z') });
  return () => vi.useRealTimers();
});

describe('overview', () => {
  it('waits with a skeleton', () => {
    serve({ [SUMMARY]: PENDING, [LEDGER]: PENDING });
    open('/');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('tells each indicator with what it rests on and the days before', async () => {
    serve({ [SUMMARY]: summary, [LEDGER]: ledger });
    open('/');
    const row = (await screen.findByText('Delivery rate', { selector: 's-table-cell' })).closest('s-table-row') as HTMLElement;
    expect([...row.querySelectorAll('s-table-cell')].map((cell) => cell.textContent).slice(1)).toEqual(['96%90.2% – 98.4%', '96 of 100', '90%']);
    expect(row.textContent).toContain('Messages that arrived / messages that were sent.');
    expect(screen.getByText('Average order', { selector: 's-table-cell' }).closest('s-table-row')?.textContent).toContain('€60.00');
    const value = (name: RegExp) => screen.getByText(name, { selector: 's-table-cell' }).closest('s-table-row')?.querySelectorAll('s-table-cell')[1]?.textContent;
    expect(value(/Return on WhatsApp spend, attributed/)).toBe('–');
    expect(value(/Return on WhatsApp spend, caused/)).toBe('3.2 ×-0.4 to 6.8 ×');
    expect(screen.getByText(/The days before: .*9.* to .*15/)).toBeTruthy();
  });

  it('tells the indicators of one campaign', async () => {
    const asked = serve({ [SUMMARY]: { ...summary, campaigns: [...summary.campaigns, { ...summary.campaigns[0]!, id: 'c2', name: 'Another' }] }, [LEDGER]: ledger });
    open('/');
    await waitFor(() => expect(document.querySelector('.indicators-choice s-select')).toBeTruthy());
    const control = document.querySelector('.indicators-choice s-select')?.shadowRoot?.querySelector('select') as HTMLSelectElement;
    control.value = 'c2';
    fireEvent.change(control);
    await waitFor(() => expect(asked.of(KPIS).some((url) => url.searchParams.get('campaign') === 'c2')).toBe(true));
  });

  it('says what would not have happened anyway as far as its interval does, else when it may be said', async () => {
    const told = (incremental: object) => ({ [SUMMARY]: { ...summary, incremental: { stage: 'welch', sentence: '', definition: '', holdout: 10, treated: 90, measured_from: '2026-11-03', measured_to: '2026-11-21', ...incremental } }, [LEDGER]: ledger });
    const money = (low: number, value: number, high: number) => ({ money: { low: eur(low), value: eur(value), high: eur(high) } });
    const part = () => screen.findByRole('region', { name: 'Sales that would not have happened anyway' });
    serve(told(money(10_000, 20_000, 30_000)));
    const first = open('/');
    expect((await part()).textContent).toContain('€200.00most likely between €100.00 and €300.00. Messages from November 3, 2026 to November 21, 2026.');
    first.unmount();
    serve(told(money(-10_000, 20_000, 50_000)));
    const second = open('/');
    expect((await part()).textContent).toContain('Not told from chancemost likely between -€100.00 and €500.00');
    second.unmount();
    serve(told({ money: null, earliest_on: '2027-03-12' }));
    open('/');
    expect((await part()).textContent).toContain('Not measured yet10 people held out so far. The first amount comes on March 12, 2027 at the earliest. See what can be said');
  });

  it('says when there is nothing', async () => {
    serve({ [SUMMARY]: bareSummary, [LEDGER]: ledger });
    open('/');
    expect(await screen.findByText('No orders and no messages in these days')).toBeTruthy();
  });

  it('fails with the detail, the request id and a way to try again', async () => {
    let answer: unknown = refusal;
    serve({ [SUMMARY]: () => answer, [LEDGER]: ledger });
    open('/');
    expect(await screen.findByText('They will be back within a minute.')).toBeTruthy();
    expect(screen.getByText('req-42')).toBeTruthy();
    answer = summary;
    fireEvent.click(screen.getByText('Try again'));
    await waitFor(() => expect(figure('net_sales').dataset.minor).toBe('400050'));
  });

  it('asks for the last thirty days of the shop and shows the five measures apart', async () => {
    const asked = serve({ [SUMMARY]: summary, [LEDGER]: ledger });
    open('/');
    await screen.findByText('Campaigns', { selector: 'h2, a' });
    await waitFor(() => expect(figure('net_sales')).toBeTruthy());
    expect(asked.of(SUMMARY)[0]?.search).toBe('?from=2026-10-24&to=2026-11-22');
    const shown = ['net_sales', 'attributed', 'recovered', 'assisted', 'pending'].map((name) => figure(name).querySelector('.figure-number')?.textContent);
    expect(shown).toEqual(['€4,000.50', '€800.10', '€200.00', '€99.00', '€49.90']);
    expect(screen.getByText(/separate measures and never summed/)).toBeTruthy();
    expect(screen.getByText(/none of them proves cause/)).toBeTruthy();
    expect(screen.getByText(/receipts off are not counted/)).toBeTruthy();
    expect(screen.getByText('Not measured yet')).toBeTruthy();
  });

  it('says in words what the days before were, and what the messages cost', async () => {
    serve({ [SUMMARY]: { ...summary, pending: eur(-100) }, [LEDGER]: ledger });
    open('/');
    await waitFor(() => expect(figure('net_sales')).toBeTruthy());
    const changes = ['net_sales', 'attributed', 'recovered', 'assisted', 'pending'].map((name) => figure(name).querySelector('.figure-change')?.textContent);
    const days = 'Oct 1 – 30';
    expect(changes.map((text) => text?.replace(/\u2009/g, ' '))).toEqual([`+25% on ${days}`, `−10% on ${days}`, `Nothing on ${days}`, `As on ${days}`, `€49.90 on ${days}`]);
    const cost = (await screen.findByText('Message cost', { selector: 'h2' })).parentElement as HTMLElement;
    expect(cost.textContent).toContain('€50.01for 100 messages60 messages as told by WhatsApp · 40 messages by your rates · Attributed sales are 16 × that');
  });

  it('compares nothing with days that are not whole', async () => {
    serve({ [SUMMARY]: { ...summary, before: { ...summary.before, begins_on: '2026-10-20' } }, [LEDGER]: ledger });
    open('/');
    await waitFor(() => expect(figure('net_sales').querySelector('.figure-change')?.textContent).toBe('Orders here begin on Oct 20'));
  });

  it('never takes a missing price for free', async () => {
    serve({ [SUMMARY]: summary, [LEDGER]: ledger, [COSTS]: { ...costs, complete: false, rate_missing: 3 } });
    open('/');
    const cost = (await screen.findByText('Message cost', { selector: 'h2' })).parentElement as HTMLElement;
    expect(cost.textContent).toContain('At least €50.01');
    expect(cost.textContent).toContain('3 messages without a price');
    expect(cost.textContent).not.toContain('× that');
  });

  it('knows the month before this one', async () => {
    const asked = serve({ [SUMMARY]: summary, [LEDGER]: ledger });
    open('/');
    fireEvent.click(screen.getByLabelText('Last month'));
    await waitFor(() => expect(asked.of(SUMMARY).some((url) => url.search === '?from=2026-10-01&to=2026-10-31')).toBe(true));
    expect((await screen.findAllByText('9 orders'))[0]?.getAttribute('href')).toBe('/orders?measure=attributed&days=last_month');
  });

  it('leads each number to exactly what it counts, and says how sure it is', async () => {
    serve({ [SUMMARY]: { ...summary, pixel: { ...summary.pixel, attributed: eur(3_000), attributed_orders: 1 } }, [LEDGER]: ledger });
    open('/?days=7');
    await waitFor(() => expect(figure('attributed')).toBeTruthy());
    const links = (measure: string) => [...figure(measure).querySelectorAll('s-link')].map((link) => [link.textContent, link.getAttribute('href')]);
    expect(links('net_sales')).toEqual([['40 orders', '/orders?measure=sales&days=7']]);
    expect(links('attributed')).toEqual([
      ['9 orders', '/orders?measure=attributed&days=7'],
      ['Certain', '/orders?measure=certain&days=7'],
      ['Strong', '/orders?measure=strong&days=7'],
      ['By a shared code', '/orders?measure=shared&days=7'],
      ['By the pixel alone', '/orders?measure=pixel&days=7'],
    ]);
    expect(links('recovered')).toEqual([
      ['3 orders', '/orders?measure=recovered&days=7'],
      ['2 of them attributed too', '/orders?measure=recovered_attributed&days=7'],
    ]);
    expect(figure('pending').textContent).toContain('Of net sales, what is ordered but not paid');
    expect(document.body.textContent).toContain('9 attributed orders in these days, 2 of them of messages made before; these messages brought 1 more after these days.');
    const table = screen.getByText('Winback').closest('s-table-row');
    expect(table?.querySelectorAll('s-link')[1]?.getAttribute('href')).toBe('/orders?measure=attributed&campaign=c1&days=7');
  });

  it('says before anything else that a list of codes got out', async () => {
    const alarm = {
      id: 'a1', kind: 'canary', severity: 'critical', campaign_id: 'c1', campaign: 'Winback', slot: 'Winback', slot_ends_at: '2026-11-24T00:00:00Z',
      what: 'A code that was never given to anybody was used.', advice: 'Revoke this campaign’s codes.', sightings: 2, seen: [],
      first_seen_at: '2026-11-21T10:00:00Z', last_seen_at: '2026-11-22T10:00:00Z', raised_at: '2026-11-21T10:00:00Z', closed_at: null,
    };
    const asked = serve({ [SUMMARY]: PENDING, [LEDGER]: PENDING, [ALARMS]: { alarms: [alarm], next_cursor: null } });
    open('/');
    await waitFor(() => expect(document.querySelector('s-banner[tone="critical"]')).toBeTruthy());
    const banner = document.querySelector('s-banner[tone="critical"]') as HTMLElement;
    expect(banner.getAttribute('heading')).toBe('The codes of Winback got out');
    expect(banner.textContent).toContain('Revoke this campaign’s codes.');
    expect(banner.querySelector('s-link')?.getAttribute('href')).toBe('/campaigns/c1');
    expect(asked.of(ALARMS)[0]?.search).toBe('?severity=critical');
  });

  it('explains a measure on request, and closes by Escape', async () => {
    serve({ [SUMMARY]: summary, [LEDGER]: ledger });
    open('/');
    const button = await screen.findByRole('button', { name: 'How Recovered is counted' });
    fireEvent.click(button);
    expect(button.getAttribute('aria-expanded')).toBe('true');
    fireEvent.keyDown(document, { key: 'Escape' });
    expect(button.getAttribute('aria-expanded')).toBe('false');
  });

  it('adds up the ledger itself', async () => {
    serve({ [SUMMARY]: summary, [LEDGER]: ledger });
    open('/');
    expect(await screen.findByText('The lines add up to net sales, to the cent.')).toBeTruthy();
  });

  it('admits a ledger that does not add up', async () => {
    serve({ [SUMMARY]: summary, [LEDGER]: { ...ledger, total: { orders: 44, sales: 40, net_sales: eur(400_051) } } });
    open('/');
    expect(await screen.findByText(/they always should/)).toBeTruthy();
  });

  it('says every number of the chart in a table and by the slider', async () => {
    serve({ [SUMMARY]: summary, [LEDGER]: ledger });
    open('/');
    const table = await screen.findByRole('table', { name: 'Sales per day' });
    expect(within(table).getByText('€2,000.50')).toBeTruthy();
    fireEvent.change(screen.getByRole('slider'), { target: { value: '0' } });
    expect(screen.getByRole('slider').getAttribute('aria-valuetext')).toBe(
      'November 21, 2026: net sales €2,000.00, attributed €400.00, recovered €100.00',
    );
  });

  it('follows the chosen days', async () => {
    const asked = serve({ [SUMMARY]: summary, [LEDGER]: ledger });
    open('/');
    fireEvent.click(screen.getByLabelText('7 days'));
    await waitFor(() => expect(asked.of(SUMMARY).some((url) => url.search === '?from=2026-11-16&to=2026-11-22')).toBe(true));
  });
});
