import { fireEvent, screen, waitFor } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ledger, linksReport, order, shown, summary } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';

const ORDERS = { '/api/orders': { orders: [order], next_cursor: null } };
const file = (name: string) => () => new Response('a,b\r\n', { headers: { 'content-type': 'text/csv', 'content-disposition': `attachment; filename="${name}"` } });
const saved: string[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T11:00:00Z') });
  saved.length = 0;
  URL.createObjectURL = () => 'blob:made';
  URL.revokeObjectURL = () => undefined;
  const click = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  return () => {
    click.mockRestore();
    vi.useRealTimers();
  };
});

const show = async (): Promise<void> => void fireEvent.click(await screen.findByRole('button', { name: 'Download' }));
const button = (name: string) => document.querySelector(`s-button[accessibilitylabel="${name}"]`) as HTMLElement;
const press = (name: string): void => void fireEvent.click(button(name));

describe('a download', () => {
  it('carries the page’s days and campaign and the ID token, and is saved under the server’s name', async () => {
    vi.stubGlobal('shopify', { idToken: async () => 'token' });
    const tokens: (string | null)[] = [];
    const asked = serve({
      ...ORDERS,
      '/api/exports/orders.csv': (_: URL, request: Request) => {
        tokens.push(request.headers.get('authorization'));
        return file('recoup-orders-2026-11-16-2026-11-22.csv')();
      },
    });
    open('/orders?days=7&campaign=c1&line=attributed');
    await show();
    expect(screen.getByText(/From November 16, 2026 to November 22, 2026\. The list chosen above does not narrow the files/)).toBeTruthy();
    expect(screen.getByText(/The orders of these days, each with its verdict\. Only of this campaign\./)).toBeTruthy();
    expect(screen.getByText(/in these days\. Only of this campaign\./)).toBeTruthy();
    press('Orders: CSV for spreadsheets');
    expect(await screen.findByText('“recoup-orders-2026-11-16-2026-11-22.csv” is where your browser keeps downloads.')).toBeTruthy();
    expect(saved).toEqual(['recoup-orders-2026-11-16-2026-11-22.csv']);
    expect(asked.at(-1)?.search).toBe('?from=2026-11-16&to=2026-11-22&campaign=c1&bom=true');
    expect(tokens).toEqual(['Bearer token']);
  });

  it('says that it is on its way, and offers nothing else meanwhile', async () => {
    serve({ ...ORDERS, '/api/exports/restatements.jsonl': PENDING });
    open('/orders');
    await show();
    press('Restatements: JSON lines for programs');
    expect(await screen.findByText(/The file is being made and fetched/)).toBeTruthy();
    expect(button('Restatements: JSON lines for programs').hasAttribute('loading')).toBe(true);
    expect(button('Orders: CSV for spreadsheets').hasAttribute('disabled')).toBe(true);
  });

  it('says why there is none, and tries again', async () => {
    let answer: unknown = refusal;
    serve({ ...ORDERS, '/api/exports/definitions.csv': () => answer });
    open('/orders');
    await show();
    press('Columns: CSV for spreadsheets');
    expect(await screen.findByText('They will be back within a minute.')).toBeTruthy();
    expect(screen.getByText('req-42')).toBeTruthy();
    answer = file('recoup-definitions.csv')();
    fireEvent.click(screen.getByText('Try again'));
    await waitFor(() => expect(saved).toEqual(['recoup-definitions.csv']));
    expect(screen.queryByText('req-42')).toBeNull();
  });

  it('closes by Escape and gives the focus back', async () => {
    serve(ORDERS);
    open('/orders');
    await show();
    fireEvent.keyDown(button('Orders: CSV for spreadsheets'), { key: 'Escape' });
    const opener = screen.getByRole('button', { name: 'Download' });
    expect(opener.getAttribute('aria-expanded')).toBe('false');
    expect(document.activeElement).toBe(opener);
  });
});

describe('what can be taken away', () => {
  const took = async (asked: URL[], name: string): Promise<URL> => {
    await show();
    press(name);
    await waitFor(() => expect(saved).toHaveLength(1));
    return asked.find((url) => url.pathname.startsWith('/api/exports/')) as URL;
  };

  it('is the ledger of the overview', async () => {
    const asked = serve({
      '/api/codes/alarms': { alarms: [], next_cursor: null },
      '/api/reports/summary': summary,
      '/api/reports/ledger': ledger,
      '/api/exports/ledger.jsonl': file('recoup-ledger.jsonl'),
    });
    open('/?days=7');
    expect((await took(asked, 'Ledger: JSON lines for programs')).search).toBe('?from=2026-11-16&to=2026-11-22');
  });

  it('is every hit on the links of these days', async () => {
    const asked = serve({ '/api/reports/links': linksReport, '/api/exports/clicks.csv': file('recoup-clicks.csv') });
    open('/links?from=2026-11-01&to=2026-11-02&campaign=c1');
    expect((await took(asked, 'Taps: CSV for spreadsheets')).search).toBe('?from=2026-11-01&to=2026-11-02&campaign=c1&bom=true');
  });

  it('is every message of a campaign since it was made', async () => {
    const message = { message_id: 'm1', code: 'WIN', code_state: 'live', issued_at: '2026-11-22T11:00:00Z' };
    const asked = serve({
      '/api/campaigns/c1': { ...shown, offer: null },
      '/api/campaigns/c1/messages': { messages: [message], next_cursor: null },
      '/api/exports/messages.csv': file('recoup-messages.csv'),
    });
    open('/campaigns/c1');
    expect((await took(asked, 'Messages: CSV for spreadsheets')).search).toBe('?from=2026-11-01&to=2026-11-22&campaign=c1&bom=true');
  });
});
