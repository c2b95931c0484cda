import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { shop } from '../../test/fixtures';
import { open, PENDING, Refusal, refusal, serve } from '../../test/render';
import { troubles } from './Connection';

const whole = {
  complete_through: '2026-11-22T10:40:00Z',
  sources: [
    { source: 'orders', standing: 'whole', sentence: 'Orders, refunds and cancellations are complete.', complete_through: '2026-11-22T10:40:00Z', checked_at: '2026-11-22T10:50:00Z', found: 3, last_found_at: '2026-11-20T08:00:00Z' },
    { source: 'checkouts', standing: 'behind', sentence: 'Abandoned checkouts are being caught up.', complete_through: null, checked_at: null, found: 0, last_found_at: null },
  ],
  backfill: { state: 'reading', sentence: 'The orders of the last 60 days are being read.', since: '2026-09-01T00:00:00Z', began_at: '2026-11-01T00:00:00Z', orders_read: 120, orders_total: 480, objects_read: 700, objects_total: 2800, done_at: null },
  recovery_addresses: { standing: 'told', sentence: 'Shopify tells where abandoned checkouts open again.' },
};

const dead = {
  deliveries: [{ source: 'shopify', delivery_id: 'd-1', topic: 'orders/create', state: 'dead', reason: 'the order names no currency', attempts: 0, triggered_at: null, received_at: '2026-11-22T09:00:00Z', done_at: '2026-11-22T09:00:01Z' }],
  next_cursor: null,
};

const request = { id: 'r-1', kind: 'data_request', state: 'ready', words: 'The export is ready: download it and send it to the customer.', received_at: '2026-11-20T09:00:00Z', due_at: '2026-12-20T09:00:00Z', days_left: 27, overdue: false, done_at: null, export: '/api/privacy/requests/r-1/export' };

const webhook = { id: 'w-1', url: 'https://platform.example/recoup', events: ['code.live'], description: null, created_at: '2026-11-20T09:00:00Z', last_delivered_at: null, failing_since: '2026-11-22T09:00:00Z', disabled_at: null, disabled_because: null, previous_secret_until: null };
const telling = { id: 't-1', event: 'code.live', state: 'waiting', attempts: 2, status: 500, reason: 'It answered 500.', next_try_at: '2026-11-22T10:00:00Z', created_at: '2026-11-22T09:00:00Z', done_at: null };

const links = {
  utm: { source: 'wa', medium: null, campaign: null },
  domain: 'go.shop.example',
  domain_serves: false,
  domain_trouble: 'go.shop.example leads to another server.',
  domain_looked_at: '2026-11-22T09:00:00Z',
  domain_seen: 'It is another server’s.',
  domain_failing_since: null,
  record: { type: 'CNAME', name: 'go.shop.example', value: 'recoup.example' },
  proof: { type: 'TXT', name: '_recoup.go.shop.example', value: 'recoup-shop=abc' },
  domain_unproved_until: null,
  template: { url: 'https://recoup.example/r/{{1}}', sample: '7-abcdefghijklmnopqrst' },
};

const key = { id: 'k-1', name: 'Chatty', scopes: ['campaigns', 'statuses'], created_at: '2026-11-01T09:00:00Z', revoked_at: null, prefix: 'rcp_7_Xy9Q', last_used_at: '2026-11-22T09:00:00Z' };

const rate = { country: 'AT', category: 'marketing', from: '2026-10-01', amount: '0.1131', currency: 'EUR' };
const priced = (messages: number) => ({ messages, amounts: messages ? [{ amount: '1.5', currency: 'EUR' }] : [] });
const costs = {
  from: '2026-10-24',
  to: '2026-11-22',
  messages: 9,
  reported: priced(4),
  rate_table: priced(2),
  not_charged: 1,
  rate_missing: 2,
  category_assumed: 0,
  total: [{ amount: '3', currency: 'EUR' }],
  complete: false,
  missing: [{ country: 'DE', category: 'marketing', messages: 1 }, { country: null, category: 'utility', messages: 1 }],
  campaigns: [],
};

const settings = { whatsapp_phone_number_ids: [], whatsapp_numbers: [], default_holdout: 0.05, margin: null };

const answers = {
  '/api/settings': settings,
  '/api/lift/program': { running: { id: 'p1', share: 0.1, began_at: '2026-09-01T08:00:00Z', ended_at: null }, ended: [] },
  '/api/keys': { keys: [key, { ...key, id: 'k-2', name: 'Old platform', revoked_at: '2026-11-10T09:00:00Z' }] },
  '/api/settings/links': links,
  '/api/settings/rates': { rates: [rate] },
  '/api/reports/costs': costs,
  '/api/settings/links/look': { ...links, domain_serves: true, domain_trouble: null },
  '/api/webhooks': { webhooks: [webhook] },
  '/api/webhooks/w-1/deliveries': { deliveries: [telling] },
  '/api/webhooks/w-1/test': { delivery_id: 't-2' },
  '/api/webhooks/w-1/rotate': { ...webhook, secret: 'whsec_bmV3' },
  '/api/shop/sources': whole,
  '/api/pixel': { state: 'scope_missing', sentence: 'Off: open the app once and allow it to use a web pixel.', trouble: null, looked_at: null },
  '/api/deliveries': dead,
  '/api/deliveries/shopify/d-1/replay': { waiting: 1 },
  '/api/privacy/requests': { requests: [request], overdue: 0 },
  '/api/privacy/access': { readings: [], next_cursor: null },
  '/api/privacy/retention': { classes: [{ data: 'bodies of webhooks that were read', days: 30, since: 'receipt', then: 'emptied', why: 'A month is enough.' }] },
};

const nothing = {
  ...answers,
  '/api/shop/sources': { complete_through: null, sources: [], backfill: null, recovery_addresses: { standing: 'withheld', sentence: 'What is missing is approval for protected customer data.' } },
  '/api/keys': { keys: [] },
  '/api/webhooks': { webhooks: [] },
  '/api/deliveries': { deliveries: [], next_cursor: null },
  '/api/privacy/requests': { requests: [], overdue: 0 },
};

describe('the shop', () => {
  it('waits with skeletons', () => {
    serve(Object.fromEntries(Object.keys(answers).map((path) => [path, PENDING])));
    open('/shop');
    expect(screen.getAllByText('Loading…').length).toBeGreaterThan(2);
  });

  it('says that nothing is wrong', async () => {
    serve(nothing);
    open('/shop');
    expect(await screen.findByText(/None. Everything Shopify and WhatsApp delivered was read/)).toBeTruthy();
    expect(await screen.findByText(/No customer has asked to see or erase their data/)).toBeTruthy();
    expect(await screen.findByText(/the first comparison with Shopify’s own lists is still going on/)).toBeTruthy();
    expect(screen.getByText(/Shopify grants everything Recoup needs/)).toBeTruthy();
    const closed = screen.getByText('What is missing is approval for protected customer data.').closest('s-banner');
    expect(closed?.getAttribute('heading')).toBe('Shopify tells no recovery addresses');
  });

  it('fails part by part, with the request id', async () => {
    serve({ ...answers, '/api/shop/sources': refusal });
    open('/shop');
    expect(await screen.findByText('req-42')).toBeTruthy();
    expect(await screen.findByText('the order names no currency')).toBeTruthy();
    expect(await screen.findByText(/allow it to use a web pixel/)).toBeTruthy();
  });

  it('shows what was missing, how far the past is, what is due', async () => {
    serve(answers);
    open('/shop');
    expect(await screen.findByText(/3 missing tellings found and fetched/)).toBeTruthy();
    expect(screen.getByText('120 of 480 orders read')).toBeTruthy();
    expect(screen.getByText('Shopify tells where abandoned checkouts open again.').closest('s-banner')).toBeNull();
    expect(screen.getByRole('progressbar').getAttribute('value')).toBe('0.25');
    expect(await screen.findByText('27 days left')).toBeTruthy();
    expect(screen.getByText('30 days from receipt')).toBeTruthy();
  });

  it('asks for another try of one delivery', async () => {
    const asked = serve(answers);
    open('/shop');
    fireEvent.click(await screen.findByText('Try again'));
    await screen.findByText('the order names no currency');
    expect(asked.some((url) => url.pathname === '/api/deliveries/shopify/d-1/replay')).toBe(true);
  });
});

describe('API keys', () => {
  it('say what is missing while there are none, and want a name', async () => {
    const asked = serve(nothing);
    open('/shop');
    expect(await screen.findByText(/No key is in use/)).toBeTruthy();
    const before = asked.length;
    fireEvent.click(screen.getByText('Make a key'));
    expect(screen.getByText('Give the key a name, such as your platform’s.')).toBeTruthy();
    expect((document.activeElement as HTMLInputElement).name).toBe('key_name');
    expect(asked.length).toBe(before);
  });

  it('are made, shown once with a button that copies, and not left behind without a question', async () => {
    const sent: unknown[] = [];
    serve({
      ...nothing,
      'POST /api/keys': async (_: URL, request: Request) => {
        sent.push(await request.json());
        return { ...key, key: 'rcp_7_shown-this-once' };
      },
      '/api/campaigns': { campaigns: [], next_cursor: null },
    });
    open('/shop');
    fireEvent.change(await screen.findByPlaceholderText('The name of your WhatsApp platform'), { target: { value: ' Chatty ' } });
    fireEvent.click(screen.getByLabelText(/Reports/));
    fireEvent.click(screen.getByText('Make a key'));
    expect(await screen.findByText('rcp_7_shown-this-once')).toBeTruthy();
    expect(sent).toEqual([{ name: 'Chatty', scopes: ['campaigns', 'statuses', 'reports'] }]);
    // The router hears of the guard once the page has settled.
    await new Promise((resolve) => setTimeout(resolve, 20));
    fireEvent.click(screen.getByText('Campaigns', { selector: 'nav a' }));
    await waitFor(() => expect(document.querySelector('s-modal')?.getAttribute('heading')).toBe('Leave without the key?'));
    fireEvent.click(screen.getByText('Stay here'));
    await waitFor(() => expect(document.querySelector('s-modal')).toBeNull());
    fireEvent.click(screen.getAllByText('I have kept it')[0]!);
    expect(screen.queryByText('rcp_7_shown-this-once')).toBeNull();
    fireEvent.click(screen.getByText('Campaigns', { selector: 'nav a' }));
    expect(await screen.findByText('No campaigns yet')).toBeTruthy();
  });

  it('are revoked after a question', async () => {
    const asked = serve({ ...answers, 'DELETE /api/keys/k-1': {} });
    open('/shop');
    expect(await screen.findByText('Chatty')).toBeTruthy();
    expect(screen.getByText('Revoked keys')).toBeTruthy();
    expect(screen.getAllByText('rcp_7_Xy9Q…')[0]).toBeTruthy();
    expect(screen.getByText(/Last used Nov 22, 2026, 10:00/)).toBeTruthy();
    const row = document.querySelector('[data-key-row="Chatty"]') as HTMLElement;
    fireEvent.click(within(row).getByText('Revoke'));
    expect(asked.some((url) => url.pathname === '/api/keys/k-1')).toBe(false);
    fireEvent.click(screen.getByText('Revoke key'));
    await waitFor(() => expect(asked.some((url) => url.pathname === '/api/keys/k-1')).toBe(true));
  });
});

describe('webhooks', () => {
  it('say what they are for while there are none', async () => {
    serve(nothing);
    open('/shop');
    expect(await screen.findByText(/a webhook tells your WhatsApp platform the moment it is live/)).toBeTruthy();
    expect(screen.getByText('Add webhook').hasAttribute('disabled')).toBe(true);
  });

  it('are added, and the secret is shown until it is kept', async () => {
    const posted: unknown[] = [];
    serve({ ...nothing, '/api/webhooks': () => (posted.push(0), { webhooks: [], ...webhook, secret: 'whsec_c2VjcmV0' }) });
    open('/shop');
    fireEvent.change(await screen.findByPlaceholderText('https://platform.example/recoup'), { target: { value: 'https://platform.example/x' } });
    fireEvent.click(screen.getByText('Add webhook'));
    expect(await screen.findByText('whsec_c2VjcmV0')).toBeTruthy();
    fireEvent.click(screen.getByText('I have kept it'));
    expect(screen.queryByText('whsec_c2VjcmV0')).toBeNull();
  });

  it('say why one is refused', async () => {
    let calls = 0;
    const inward = new Refusal(422, { title: 'Invalid', status: 422, code: 'invalid_field', field: 'url', detail: 'This address leads into a private network.' });
    serve({ ...nothing, '/api/webhooks': () => (calls++ === 0 ? { webhooks: [] } : inward) });
    open('/shop');
    fireEvent.change(await screen.findByPlaceholderText('https://platform.example/recoup'), { target: { value: 'https://10.0.0.1/' } });
    fireEvent.click(screen.getByText('Add webhook'));
    expect(await screen.findByText('This address leads into a private network.')).toBeTruthy();
  });

  it('are tested, and what they were told stands there with its reason', async () => {
    const asked = serve(answers);
    open('/shop');
    expect(await screen.findByText('failing')).toBeTruthy();
    fireEvent.click(screen.getByText('Send a test'));
    expect(await screen.findByText(/after 2 tries, next try .*It answered 500/)).toBeTruthy();
    fireEvent.click(screen.getByText('New secret'));
    expect(await screen.findByText('whsec_bmV3')).toBeTruthy();
    expect(asked.map((url) => url.pathname)).toContain('/api/webhooks/w-1/test');
  });

  it('are deleted by whoever is sure', async () => {
    const asked = serve({ ...answers, '/api/webhooks/w-1': {} });
    open('/shop');
    fireEvent.click(await screen.findByText('Delete'));
    expect(asked.some((url) => url.pathname === '/api/webhooks/w-1')).toBe(false);
    fireEvent.click(screen.getByText('Really delete it'));
    await waitFor(() => expect(asked.some((url) => url.pathname === '/api/webhooks/w-1')).toBe(true));
  });
});

describe('troubles', () => {
  it('come in the order of their weight, each in words', () => {
    const found = troubles({
      ...shop,
      needs_reopening: true,
      reopening: { since: '2026-11-20T00:00:00Z', reason: 'Nobody opened it for ninety days.' },
      frozen_since: '2026-11-21T00:00:00Z',
      missing_scopes: ['read_orders'],
      fallen_forward: { asked: '2026-10', served: '2027-01', since: '2026-11-21T00:00:00Z' },
    });
    expect(found.map(({ heading }) => heading)).toEqual([
      'Shopify has frozen this shop',
      'Open Recoup once more from your Shopify admin',
      'A permission is missing',
      'Shopify answers in a newer version',
    ]);
    expect(found[1]?.text).toContain('Nobody opened it for ninety days.');
    expect(troubles(shop)).toEqual([]);
    const [uncounted] = troubles({ ...shop, currency: 'USDC', currency_trouble: 'It has no published minor unit.' });
    expect(uncounted).toEqual({ heading: 'Amounts in USDC cannot be counted', text: 'It has no published minor unit.' });
  });
});

describe('links', () => {
  it('shows the record, why the domain does not serve, and the button of a template', async () => {
    serve(answers);
    open('/shop');
    expect(await screen.findByText('https://recoup.example/r/{{1}}')).toBeTruthy();
    expect(screen.getByText('CNAME').closest('tr')?.textContent).toBe('CNAMEgo.shop.examplerecoup.example');
    expect(screen.getByText(/leads to another server/)).toBeTruthy();
    fireEvent.click(screen.getByText('Look whether it leads here'));
    expect(await screen.findByText(/Serves: new links begin with it/)).toBeTruthy();
  });

  it('shows what the last look saw, and warns while a domain that serves fails', async () => {
    const failing = { ...links, domain_serves: true, domain_trouble: null, domain_seen: 'go.shop.example does not answer.', domain_failing_since: '2026-11-22T08:30:00Z' };
    serve({ ...answers, '/api/settings/links': failing });
    open('/shop');
    expect(await screen.findByText('go.shop.example does not answer.')).toBeTruthy();
    expect(screen.getByText(/If it does so for an hour/)).toBeTruthy();
  });

  it('says at its field what is wrong with a choice', async () => {
    const wrong = new Refusal(422, { title: 'Invalid', status: 422, code: 'invalid_field', field: 'domain', detail: 'Write a name such as go.your-shop.com.' });
    let calls = 0;
    serve({ ...answers, '/api/settings/links': () => (calls++ === 0 ? { ...links, domain: null } : wrong) });
    open('/shop');
    fireEvent.change(await screen.findByPlaceholderText('go.your-shop.com'), { target: { value: 'https://x' } });
    fireEvent.click(screen.getByText('Save'));
    expect(await screen.findByText('Write a name such as go.your-shop.com.')).toBeTruthy();
    expect((document.activeElement as HTMLInputElement).name).toBe('domain');
  });

  it('says that a choice was saved, and asks before one that was not is left', async () => {
    serve({ ...answers, 'PUT /api/settings/links': { ...links, utm: { ...links.utm, medium: 'chat' } }, '/api/campaigns': { campaigns: [], next_cursor: null } });
    open('/shop');
    const medium = await screen.findByLabelText('utm_medium');
    fireEvent.change(medium, { target: { value: 'chat' } });
    await new Promise((resolve) => setTimeout(resolve, 20));
    fireEvent.click(screen.getByText('Campaigns', { selector: 'nav a' }));
    await screen.findByText('Stay here');
    fireEvent.click(screen.getByText('Stay here'));
    fireEvent.click(screen.getByText('Save'));
    expect(await screen.findByText('Saved.')).toBeTruthy();
    await new Promise((resolve) => setTimeout(resolve, 20));
    fireEvent.click(screen.getByText('Campaigns', { selector: 'nav a' }));
    expect(await screen.findByText('No campaigns yet')).toBeTruthy();
  });
});

describe('what messages cost', () => {
  it('says where prices come from, and names the rates that are missing', async () => {
    serve(answers);
    open('/shop');
    expect(await screen.findByText(/4 messages with a price that WhatsApp or your platform told, 2 messages by the rates below, 1 message not charged/)).toBeTruthy();
    const missing = screen.getByText(/Rates are missing for DE, marketing \(1 message\); unknown country, utility \(1 message\)/);
    expect(missing.closest('s-banner')?.getAttribute('heading')).toBe('2 messages without a price');
  });

  it('is saved as a whole table', async () => {
    const sent: unknown[] = [];
    serve({
      ...answers,
      'PUT /api/settings/rates': async (_: URL, request: Request) => {
        const body = await request.json();
        sent.push(body);
        return body;
      },
    });
    open('/shop');
    await screen.findByDisplayValue('0.1131');
    fireEvent.click(screen.getByText('Add a rate'));
    const [, country] = screen.getAllByLabelText('Country');
    const [, from] = screen.getAllByLabelText('From (first day)');
    const [, amount] = screen.getAllByLabelText('One message costs');
    fireEvent.change(country!, { target: { value: '*' } });
    fireEvent.change(from!, { target: { value: '2026-10-01' } });
    fireEvent.change(amount!, { target: { value: ' 0.06 ' } });
    fireEvent.click(screen.getByText('Save rates'));
    await waitFor(() => expect(sent.length).toBe(1));
    expect(sent[0]).toEqual({ rates: [rate, { country: '*', category: 'marketing', from: '2026-10-01', amount: '0.06', currency: 'EUR' }] });
  });

  it('shows beside a field why it was refused', async () => {
    const refused = { type: 'about:blank', title: 'Unprocessable', status: 422, code: 'invalid_field', detail: 'Write a decimal number such as 0.1131.', field: 'rates[0].amount', request_id: 'req-7' };
    serve({ ...answers, 'PUT /api/settings/rates': new Refusal(422, refused) });
    open('/shop');
    const amount = await screen.findByDisplayValue('0.1131');
    fireEvent.change(amount, { target: { value: '0,11' } });
    fireEvent.click(screen.getByText('Save rates'));
    expect(await screen.findByText('Write a decimal number such as 0.1131.')).toBeTruthy();
    expect((document.activeElement as HTMLInputElement).name).toBe('rates[0].amount');
  });
});

describe('measuring what messages cause', () => {
  it('shows what was chosen, and the programme, and plans only when asked', async () => {
    const asked = serve(answers);
    open('/shop');
    expect(await screen.findByDisplayValue('5')).toBeTruthy();
    expect(await screen.findByText(/10% of everybody is written to by no campaign/)).toBeTruthy();
    expect(asked.some(({ pathname }) => pathname === '/api/lift/plan')).toBe(false);
  });

  it('saves shares as they are typed, and an empty margin as none', async () => {
    const sent: unknown[] = [];
    serve({
      ...answers,
      'PATCH /api/settings': async (_: URL, request: Request) => {
        sent.push(await request.json());
        return { ...settings, default_holdout: 0.125 };
      },
    });
    open('/shop');
    fireEvent.change(await screen.findByDisplayValue('5'), { target: { value: '12,5' } });
    fireEvent.click(screen.getByText('Save these choices'));
    await waitFor(() => expect(sent).toEqual([{ default_holdout: 0.125, margin: null }]));
    expect(await screen.findByText('Saved.')).toBeTruthy();
    expect(screen.getByDisplayValue('12.5')).toBeTruthy();
  });

  it('says at its field what is wrong', async () => {
    const refused = { title: 'Unprocessable', status: 422, detail: 'Choose a share from 0 to 1.', field: 'margin' };
    serve({ ...answers, 'PATCH /api/settings': new Refusal(422, refused) });
    open('/shop');
    await screen.findByDisplayValue('5');
    const margin = document.querySelector('input[name="margin"]') as HTMLInputElement;
    fireEvent.change(margin, { target: { value: 'half' } });
    fireEvent.click(screen.getByText('Save these choices'));
    expect(await screen.findByText('Write per cent from 0 to 100, or leave it empty.')).toBeTruthy();
    expect(document.activeElement).toBe(margin);
  });
});
