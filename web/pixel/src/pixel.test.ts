import { expect, it } from 'vitest';
import type { PixelEventsCheckoutCompleted, PixelEventsCheckoutStarted } from './events';
import { type Browser, remember, told } from './pixel';

const NOON = '2026-11-01T12:00:00.000Z';
const CLICK = '02kGHzR5rT9fQ7vXnB3mYa';
const settings = { shop: '101', endpoint: 'https://recoup.example/pixel' };

const storage = (): Browser & { kept: Map<string, string> } => {
  const kept = new Map<string, string>();
  return {
    kept,
    localStorage: {
      getItem: async (key) => kept.get(key) ?? null,
      setItem: async (key, value) => kept.set(key, value),
    },
  };
};

const page = (search: string, timestamp = NOON) => ({ timestamp, context: { document: { location: { search } } } });

const started = (checkout: Partial<PixelEventsCheckoutStarted['data']['checkout']> = {}, timestamp = NOON): PixelEventsCheckoutStarted => ({
  id: 'e-1',
  name: 'checkout_started',
  clientId: 'browser-1',
  timestamp,
  data: { checkout: { token: 'c0ffee', attributes: [], order: null, ...checkout } },
});

const completed = (id: string | null): PixelEventsCheckoutCompleted => ({
  ...started(),
  name: 'checkout_completed',
  data: { checkout: { token: 'c0ffee', attributes: [], order: { id } } },
});

it('ties the remembered click to the checkout, and says nothing else', async () => {
  const browser = storage();
  await remember(page(`?utm_source=whatsapp&rcp=${CLICK}`), browser);
  expect(await told(started(), settings, browser)).toEqual({
    shop: '101',
    event: 'checkout_started',
    id: 'e-1',
    at: NOON,
    client: 'browser-1',
    checkout_token: 'c0ffee',
    order_id: null,
    click: CLICK,
    clicked_at: NOON,
  });
});

it('counts the latest click, keeps it over pages without one, and forgets it after thirty days', async () => {
  const browser = storage();
  await remember(page(`?rcp=${CLICK}`), browser);
  await remember(page('?rcp=03aBcDeFgHiJkLmNoPqRsT', '2026-11-02T12:00:00.000Z'), browser);
  await remember(page('', '2026-11-03T12:00:00.000Z'), browser);
  expect((await told(started({}, '2026-11-04T12:00:00.000Z'), settings, browser))?.click).toBe('03aBcDeFgHiJkLmNoPqRsT');
  expect((await told(started({}, '2026-12-02T12:00:01.000Z'), settings, browser))?.click).toBeNull();
});

it('falls back to the attribute of the cart', async () => {
  const attributes = [{ key: '__rcp', value: CLICK }];
  expect(await told(started({ attributes }), settings, storage())).toMatchObject({ click: CLICK, clicked_at: null });
});

it.each(['?rcp=', '?rcp=short', `?rcp=${'x'.repeat(65)}`, '?rcp=<script>alert(1)</script>', '?other=1', ''])(
  'takes %s for no click of ours',
  async (search) => {
    const browser = storage();
    await remember(page(search), browser);
    expect(browser.kept.size).toBe(0);
    expect((await told(started(), settings, browser))?.click).toBeNull();
  },
);

it.each([
  ['6789', '6789'],
  ['gid://shopify/OrderIdentity/6789', '6789'],
  [null, null],
])('reads order id %s', async (id, expected) => {
  expect((await told(completed(id), settings, storage()))?.order_id).toBe(expected);
});

it('says nothing of a checkout without a token', async () => {
  expect(await told(started({ token: null }), settings, storage())).toBeNull();
});

it('lives with a storage that is closed or holds what is not ours', async () => {
  const closed: Browser = {
    localStorage: { getItem: async () => Promise.reject(new Error('denied')), setItem: async () => Promise.reject(new Error('denied')) },
  };
  expect((await told(started({ attributes: undefined }), settings, closed))?.click).toBeNull();
  const foreign = storage();
  foreign.kept.set('recoup_click', '{"id": 5}');
  expect((await told(started(), settings, foreign))?.click).toBeNull();
});
