// Which click led to which checkout. Nothing else leaves the shopper's browser: no name, no address, no basket, no money.
//
// 1. A page opened by one of our links carries a click id; it is remembered in the shop's own storage, with its time.
// 2. When a checkout starts, and when it completes, its token is told together with the remembered click. The checkout's own
//    attributes are the second witness: they are filled early in the checkout and may be empty at its end.
// 3. The address that takes this is public: what we say is evidence, and the server treats it so.
import type { PixelEventsCheckoutCompleted, PixelEventsCheckoutStarted, PixelEventsPageViewed } from './events';

// Click ids are base 62 and at most 22 long; the server refuses whatever else.
/** The query parameter our links add, and the cart attribute they set. */
export const CLICK_PARAMETER = 'rcp';
export const CLICK_ATTRIBUTE = '__rcp';

const KEPT_AS = 'recoup_click';
const KEPT_DAYS = 30;
const FORM = /^[A-Za-z0-9]{20,22}$/;

/** What the app fills in for each shop. */
export interface Settings {
  shop: string;
  endpoint: string;
}

/** What is told. Times are the browser's own. */
export interface Told {
  shop: string;
  event: 'checkout_started' | 'checkout_completed';
  id: string;
  at: string;
  client: string | null;
  checkout_token: string;
  order_id: string | null;
  click: string | null;
  clicked_at: string | null;
}

interface Click {
  id: string;
  at: string;
}

/** The two things of the sandbox we need. */
export interface Browser {
  localStorage: {
    getItem: (key: string) => Promise<string | null>;
    setItem: (key: string, value: string) => Promise<unknown>;
  };
}

const clickIn = (text: string | null | undefined): string | null => (text && FORM.test(text) ? text : null);

/** Remembers the click a page was opened by. The latest one counts. */
export const remember = async (event: PixelEventsPageViewed, browser: Browser): Promise<void> => {
  const query = new URLSearchParams(event.context.document.location.search);
  const id = clickIn(query.get(CLICK_PARAMETER));
  if (id) await browser.localStorage.setItem(KEPT_AS, JSON.stringify({ id, at: event.timestamp } satisfies Click));
};

const remembered = async (browser: Browser, now: string): Promise<Click | null> => {
  try {
    const kept = JSON.parse((await browser.localStorage.getItem(KEPT_AS)) ?? 'null') as Partial<Click> | null;
    const id = clickIn(kept?.id);
    const days = (Date.parse(now) - Date.parse(kept?.at ?? '')) / 86_400_000;
    return id && kept?.at && days <= KEPT_DAYS ? { id, at: kept.at } : null;
  } catch {
    return null; // Somebody else's value under our name, or no storage at all: then there is no click.
  }
};

/** `123` of `123` or of `gid://shopify/OrderIdentity/123`. */
const numeric = (id: string | null | undefined): string | null => id?.match(/(\d+)$/)?.[1] ?? null;

/** What to tell about a checkout; nothing of one that has no token, because it could be tied to nothing. */
export const told = async (
  event: PixelEventsCheckoutStarted | PixelEventsCheckoutCompleted,
  settings: Settings,
  browser: Browser,
): Promise<Told | null> => {
  const { checkout } = event.data;
  if (!checkout.token) return null;
  const kept = await remembered(browser, event.timestamp);
  const attribute = checkout.attributes?.find(({ key }) => key === CLICK_ATTRIBUTE)?.value;
  return {
    shop: settings.shop,
    event: event.name,
    id: event.id,
    at: event.timestamp,
    client: event.clientId,
    checkout_token: checkout.token,
    order_id: event.name === 'checkout_completed' ? numeric(checkout.order?.id) : null,
    click: kept?.id ?? clickIn(attribute),
    clicked_at: kept?.at ?? null,
  };
};
