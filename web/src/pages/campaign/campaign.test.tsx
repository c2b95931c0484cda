import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { shown } from '../../test/fixtures';
import { open, PENDING, refusal, Refusal, serve } from '../../test/render';

const slot = {
  discount_id: 'd1', title: 'Winback', slot_ends_at: '2099-11-24T12:00:00Z', state: 'live', shopify_discount_id: 'gid://shopify/DiscountCodeNode/1',
  reserved: 0, pushed: 250, imported: 420, issued: 90, redeemed: 9, expired: 0, revoking: 0, revoked: 0, canaries: 1, retired_because: null, last_error: null,
};
const codes = {
  wanted: 900, reserved: 100, pushed: 250, imported: 420, issued: 90, redeemed: 9, expired: 4, revoking: 0, revoked: 2, canaries: 1, failed: 3,
  failed_because: 'must be unique', pending: 5, per_minute: 1200, seconds_left: 90, trouble: null, slots: [slot, { ...slot, discount_id: 'd2', retired_because: 'deleted' }],
};
const idle = { ...codes, reserved: 0, pushed: 0, pending: 0, failed: 0, seconds_left: 0 };
const alarm = {
  id: 'a1', kind: 'canary', severity: 'critical', campaign_id: 'c1', campaign: 'Winback', slot: 'Winback', slot_ends_at: '2026-11-24T12:00:00Z', what: 'A code that was never given to anybody was used.',
  advice: 'Revoke this campaign’s codes.', sightings: 2, seen: [{ code: 'WIN7K2M9QXD', on: 'order:5550001', at: '2026-11-22T10:00:00Z' }],
  first_seen_at: '2026-11-22T10:00:00Z', last_seen_at: '2026-11-22T10:00:00Z', raised_at: '2026-11-22T10:00:00Z', closed_at: null,
};
const message = {
  message_id: 'm1', key_hash: 'h', code: 'WINAAAA22222', code_state: 'live', expires_at: '2026-11-24T11:00:00Z', redeemed_at: null, replaced_at: null,
  issued_at: '2026-11-22T11:00:00Z', sent_at: '2026-11-22T11:00:01Z', delivered_at: '2026-11-22T11:00:05Z', read_at: null, failed_at: null, failure_code: null, failure: null,
};
const found = {
  code: 'WINAAAA22222', state: 'issued', good: true, verdict: 'Good until 2026-11-24T11:00:00Z, for one order.', expires_at: '2026-11-24T11:00:00Z', shopify_ends_at: '2026-11-24T12:00:00Z',
  campaign_id: 'c1', campaign: 'Winback', recipient: { message_id: 'm1', key_hash: 'h' }, life: [{ state: 'reserved', at: '2026-11-22T09:00:00Z' }, { state: 'issued', at: '2026-11-22T11:00:00Z' }],
  orders: [], warnings: [{ code: 'message_failed', words: 'Its message never arrived.' }], replacement: null,
};

const C = '/api/campaigns/c1';
const answers = {
  [`GET ${C}`]: shown,
  [`GET ${C}/codes`]: idle,
  [`GET ${C}/messages`]: { messages: [message], next_cursor: null },
  'GET /api/codes/alarms': (url: URL) => ({ alarms: url.searchParams.get('state') === 'open' ? [alarm] : [], next_cursor: null }),
  'GET /api/codes/WINAAAA22222': found,
};

const dialog = () => document.querySelector('s-modal') as HTMLElement;
const look = (text: string) => {
  const field = document.querySelector('.find s-text-field') as HTMLElement;
  const control = field.shadowRoot?.querySelector('input') as HTMLInputElement;
  control.value = text;
  fireEvent(control, new Event('input', { bubbles: true, composed: true }));
  fireEvent.click(screen.getByText('Find'));
};

describe('a campaign', () => {
  it('waits with a skeleton', () => {
    serve(Object.fromEntries(Object.keys(answers).map((path) => [path, PENDING])));
    open('/campaigns/c1');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('says when there is none of that id', async () => {
    serve({ [`GET ${C}`]: new Refusal(404, { title: 'Not Found', status: 404, code: 'not_found', detail: 'This shop has no such campaign.' }) });
    open('/campaigns/c1');
    expect(await screen.findByText('This campaign is not known here')).toBeTruthy();
  });

  it('fails part by part, with the request id', async () => {
    serve({ ...answers, [`GET ${C}/codes`]: refusal });
    open('/campaigns/c1');
    expect(await screen.findByText('req-42')).toBeTruthy();
    expect(await screen.findByText('WINAAAA22222')).toBeTruthy();
  });

  it('says what is not there yet', async () => {
    const none = Object.fromEntries(Object.entries(idle).map(([key, value]) => [key, typeof value === 'number' ? 0 : value]));
    serve({
      ...answers,
      [`GET ${C}/codes`]: { ...none, slots: [] },
      [`GET ${C}/messages`]: { messages: [], next_cursor: null },
      'GET /api/codes/alarms': { alarms: [], next_cursor: null },
    });
    open('/campaigns/c1');
    expect(await screen.findByText(/No codes yet/)).toBeTruthy();
    expect(await screen.findByText(/Nobody was drawn yet/)).toBeTruthy();
    expect(await screen.findByText(/Nothing looks like a leak/)).toBeTruthy();
  });

  it('shows how far the codes are, what is in the way, and each slot', async () => {
    serve({ ...answers, [`GET ${C}/codes`]: codes });
    open('/campaigns/c1');
    expect(await screen.findByText('350 codes on the way to Shopify')).toBeTruthy();
    expect(screen.getByText(/about 1 minute 30 seconds left · 1,200 a minute/)).toBeTruthy();
    expect(screen.getByText(/Shopify refused 3 codes: must be unique/)).toBeTruthy();
    expect(screen.getByText(/5 recipients wait for a code/)).toBeTruthy();
    expect(screen.getByRole('img').getAttribute('aria-label')).toContain('Ready: 420');
    expect(screen.getByText('Deleted in your admin')).toBeTruthy();
    const bar = document.querySelector('.codes-bar [data-station="imported"]') as HTMLElement;
    expect(Number.parseFloat(bar.style.width)).toBeCloseTo((420 / 900) * 100, 3);
  });

  it('shows trouble and what was done in the admin', async () => {
    const trouble = { since: '2026-11-22T10:00:00Z', field: 'offer', words: 'Shopify refuses the discount of this campaign.' };
    const notice = { kind: 'deleted', since: '2026-11-22T10:00:00Z', slot_ends_at: '2026-11-24T12:00:00Z', shopify_discount_id: null, codes_held: 3, differences: [], words: 'The discount was deleted.' };
    serve({ ...answers, [`GET ${C}`]: { ...shown, trouble, notices: [notice] } });
    open('/campaigns/c1');
    expect(await screen.findByText('Trouble at Shopify')).toBeTruthy();
    expect(screen.getByText(/Shopify refuses the discount of this campaign/)).toBeTruthy();
    expect(screen.getByText(/The discount was deleted/)).toBeTruthy();
  });

  it('closes an alarm after it was asked whether', async () => {
    const asked = serve({ ...answers, 'POST /api/codes/alarms/a1/close': { ...alarm, closed_at: '2026-11-22T12:00:00Z' } });
    open('/campaigns/c1');
    expect(await screen.findByText('A secret code turned up')).toBeTruthy();
    expect(screen.getByText('an order').getAttribute('href')).toBe('/orders/5550001');
    fireEvent.click(screen.getByText('Close alarm'));
    expect(asked.some(({ pathname }) => pathname.endsWith('/close'))).toBe(false);
    expect(dialog().textContent).toContain('No code is changed by that');
    fireEvent.click(within(dialog()).getByText('Close alarm'));
    await waitFor(() => expect(asked.some(({ pathname }) => pathname === '/api/codes/alarms/a1/close')).toBe(true));
    await waitFor(() => expect(document.querySelector('s-modal')).toBeNull());
  });

  it('tells gifts in one quiet line, and is not alarmed by them', async () => {
    const gifts = { ...alarm, id: 'a2', kind: 'somebody_else', severity: 'notice', sightings: 3 };
    serve({ ...answers, 'GET /api/codes/alarms': { alarms: [gifts], next_cursor: null } });
    open('/campaigns/c1');
    expect(await screen.findByText(/3 codes used by somebody else than the recipient .* This line closes when the slot ends/)).toBeTruthy();
    expect(screen.getByText(/Nothing looks like a leak/)).toBeTruthy();
    expect(screen.queryByText('Close alarm')).toBeNull();
  });

  it('has its id beside a button that copies it', async () => {
    const copied: string[] = [];
    vi.stubGlobal('navigator', { ...navigator, language: 'en-US', clipboard: { writeText: async (text: string) => void copied.push(text) } });
    serve(answers);
    open('/campaigns/c1');
    const place = (await screen.findByText('Id for your WhatsApp platform')).parentElement as HTMLElement;
    fireEvent.click(within(place).getByText('Copy'));
    expect(await within(place).findByText('Copied.')).toBeTruthy();
    expect(copied).toEqual(['c1']);
  });

  it('finds a code, with what somebody should look at', async () => {
    serve(answers);
    open('/campaigns/c1');
    await screen.findByText('Find');
    look('WINAAAA22222');
    expect(await screen.findByText(/^Good until Nov 24, 2026, 12:00.*, for one order\.$/)).toBeTruthy();
    expect(screen.getByText('Its message never arrived.')).toBeTruthy();
  });

  it('says what to check when a code is not ours', async () => {
    serve({ ...answers, 'GET /api/codes/NOBODYS': new Refusal(404, { title: 'Not Found', status: 404, detail: 'This shop has no such code.' }) });
    open('/campaigns/c1');
    await screen.findByText('Find');
    look('NOBODYS');
    expect(await screen.findByText(/Check it letter by letter/)).toBeTruthy();
  });

  it('keeps the question open with the sentence of a refusal', async () => {
    const still = 'The first code is good until 2026-11-24T11:00:00Z.';
    serve({ ...answers, 'POST /api/messages/m1/replacement': new Refusal(409, { title: 'Conflict', status: 409, code: 'code_still_good', detail: still }) });
    open('/campaigns/c1');
    fireEvent.click(await screen.findByText('Replace'));
    fireEvent.click(within(dialog()).getByText('Give another code'));
    expect(await screen.findByText(still)).toBeTruthy();
    fireEvent.click(within(dialog()).getByText('Cancel'));
    await waitFor(() => expect(document.querySelector('s-modal')).toBeNull());
  });

  it('revokes one and all, and says what will happen first', async () => {
    const asked = serve({
      ...answers,
      'POST /api/codes/WINAAAA22222/revoke': { code: 'WINAAAA22222', state: 'revoking', revoked_at: null },
      'POST /api/campaigns/c1/codes/revoke': { revoking: 520 },
    });
    open('/campaigns/c1');
    fireEvent.click(await screen.findByText('Revoke'));
    expect(dialog().textContent).toContain('still takes the shopper to your shop');
    fireEvent.click(within(dialog()).getByText('Revoke code'));
    expect(await screen.findByText('WINAAAA22222 is taken back.')).toBeTruthy();
    fireEvent.click(screen.getByText('Revoke all codes'));
    expect(dialog().textContent).toContain('511 codes that no order used stop working: 90 in people’s hands');
    fireEvent.click(within(dialog()).getByText('Revoke all codes'));
    await waitFor(() => expect(asked.some(({ pathname }) => pathname === '/api/campaigns/c1/codes/revoke')).toBe(true));
  });

  it('archives after a question, and no second time', async () => {
    let archived: string | null = null;
    serve({
      ...answers,
      [`GET ${C}`]: () => ({ ...shown, archived_at: archived }),
      [`POST ${C}/archive`]: () => {
        archived = '2026-11-22T12:00:00Z';
        return shown;
      },
    });
    open('/campaigns/c1');
    fireEvent.click(await screen.findByText('Archive'));
    fireEvent.click(within(dialog()).getByText('Archive campaign'));
    expect(await screen.findByText('Archived')).toBeTruthy();
    expect(screen.queryByText('Archive')).toBeNull();
  });
});
