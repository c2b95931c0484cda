// The parts of Shopify's events that are read here. The official types describe more than every shop sends (see the tests, which
// hold these against them); what may be missing in practice is marked so.

/** A page was opened. */
export interface PixelEventsPageViewed {
  timestamp: string;
  context: { document: { location: { search: string } } };
}

interface Checkout {
  token: string | null;
  attributes?: { key: string; value: string }[];
  order?: { id?: string | null } | null;
}

interface CheckoutEvent<Name extends string> {
  id: string;
  name: Name;
  clientId: string | null;
  timestamp: string;
  data: { checkout: Checkout };
}

/** A checkout was opened; again at every visit of it. */
export type PixelEventsCheckoutStarted = CheckoutEvent<'checkout_started'>;
/** A checkout was paid for. */
export type PixelEventsCheckoutCompleted = CheckoutEvent<'checkout_completed'>;
