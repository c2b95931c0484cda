// The words merchants read for what the API names by identifiers. An identifier nobody here knows is shown in readable form
// rather than hidden, so that a newer server is never misreported.

const readable = (id: string): string => {
  const text = id.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

type Tone = 'success' | 'info' | 'warning' | 'neutral' | 'caution';

const LINES: Record<string, { name: string; tone: Tone }> = {
  attributed: { name: 'Attributed', tone: 'success' },
  attributed_shared: { name: 'Attributed, shared code', tone: 'success' },
  unattributed: { name: 'Not attributed', tone: 'neutral' },
  pending: { name: 'Waiting for payment', tone: 'warning' },
  subscription_renewals: { name: 'Subscription renewal', tone: 'neutral' },
  cancelled: { name: 'Cancelled', tone: 'neutral' },
  test: { name: 'Test order', tone: 'neutral' },
  other_currency: { name: 'In another currency', tone: 'neutral' },
};

export const LINE_IDS = Object.keys(LINES);
export const lineName = (line: string): string => LINES[line]?.name ?? readable(line);
export const lineTone = (line: string): Tone => LINES[line]?.tone ?? 'neutral';

const EVIDENCE: Record<string, string> = {
  redeem_code: 'Used the message’s code',
  checkout: 'Finished the cart the message was about',
  click_attribute: 'Tapped the link; the cart carried it to the order',
  click_session: 'Tapped the link and ordered in that visit',
  person_click: 'Tapped the link, ordered later',
  person_read: 'Read the message',
  person_delivered: 'Received the message',
};
export const evidenceName = (kind: string): string => EVIDENCE[kind] ?? readable(kind);

const CLASSES: Record<string, string> = { certain: 'Certain', strong: 'Strong', exposure: 'Exposure only' };
export const className = (id: string): string => CLASSES[id] ?? readable(id);

const KINDS: Record<string, string> = { broadcast: 'Broadcast', abandoned_checkout: 'Abandoned carts', flow: 'Automated flow' };
export const kindName = (kind: string): string => KINDS[kind] ?? readable(kind);

const MODELS: Record<string, string> = {
  originating: 'The message the evidence leads to',
  first_touch: 'First touch',
  last_touch: 'Last touch',
  last_non_direct: 'Last, direct visits ignored',
  linear: 'Equal shares',
  position_based: 'First and last count most',
  time_decay: 'Recent touches count most',
  markov: 'What removing a channel would cost',
  shapley: 'Fair share over all journeys',
};
export const MODEL_IDS = Object.keys(MODELS);
export const modelName = (model: string): string => MODELS[model] ?? readable(model);

const OUTCOMES: Record<string, { name: string; tone: Tone }> = {
  won: { name: 'Won', tone: 'success' },
  agrees: { name: 'Agrees', tone: 'success' },
  lost: { name: 'Lost', tone: 'neutral' },
  outside_window: { name: 'Too late', tone: 'warning' },
  yielded: { name: 'Another channel came later', tone: 'warning' },
};
export const outcomeName = (outcome: string): string => OUTCOMES[outcome]?.name ?? readable(outcome);
export const outcomeTone = (outcome: string): Tone => OUTCOMES[outcome]?.tone ?? 'neutral';

const CHANNELS: Record<string, string> = {
  whatsapp: 'WhatsApp',
  email: 'E-mail',
  paid: 'Paid advertising',
  organic: 'Search',
  referral: 'Another page',
  direct: 'Direct',
  other: 'Another channel',
};
export const channelName = (channel: string): string => CHANNELS[channel] ?? readable(channel);

const PAYMENTS: Record<string, string> = {
  paid: 'Paid',
  pending: 'Payment pending',
  authorized: 'Payment authorised',
  partially_paid: 'Partly paid',
  partially_refunded: 'Partly refunded',
  refunded: 'Refunded',
  voided: 'Voided',
};
export const paymentName = (status: string): string => PAYMENTS[status.toLowerCase()] ?? readable(status.toLowerCase());

const SOURCES: Record<string, string> = {
  web: 'Online store',
  pos: 'Point of sale',
  shopify_draft_order: 'Draft order',
  iphone: 'Shopify app',
  android: 'Shopify app',
};
export const sourceName = (source: string): string =>
  source.startsWith('subscription_contract') ? 'Subscription' : (SOURCES[source] ?? readable(source));

const REASONS: Record<string, string> = {
  head: 'Link check',
  prefetch: 'Fetched in advance',
  preview: 'Preview',
  crawler: 'Robot',
  seo: 'Search marketing robot',
  ai: 'AI robot',
  scanner: 'Security scanner',
  monitor: 'Monitoring',
  tool: 'Program, no browser',
  data_centre: 'Data centre',
  no_agent: 'Unnamed program',
  not_navigation: 'In the background',
  before_sending: 'Before sending',
  too_soon: 'Too soon after sending',
  many_links: 'Many links from one source',
  burst: 'Burst of hits',
};
/** Why a hit on a link does not count. */
export const reasonName = (reason: string): string => REASONS[reason] ?? readable(reason);

const MOMENTS: Record<string, string> = {
  drawn: 'Chosen',
  code_reserved: 'Code reserved',
  code_live: 'Code live',
  code_replaced: 'Code replaced',
  issued: 'Link handed out',
  sent: 'Sent',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Failed',
  meta_click: 'Meta’s click',
  answered: 'Answered',
  opted_out: 'Wants no marketing',
  opted_in: 'Wants marketing again',
  code_expired: 'Code ran out',
  code_revoked: 'Code taken back',
  ordered: 'Ordered',
  restated: 'Worth restated',
};
/** What happened in a message's life. */
export const momentName = (what: string): string => MOMENTS[what] ?? readable(what);

/** What a list of orders shows when it was opened from a number: exactly what that number counts. */
const LISTS: Record<string, string> = {
  sales: 'Orders that carry net sales',
  attributed: 'Attributed, shared codes included',
  certain: 'Attributed, certain evidence',
  strong: 'Attributed, strong evidence',
  exposure: 'Attributed, exposure only',
  shared: 'Attributed by a shared code',
  pixel: 'Attributed by the pixel alone',
  recovered: 'Recovered carts',
  recovered_attributed: 'Recovered and attributed',
  assisted: 'Assisted by a message',
  pending: 'Not paid yet',
};
export const LIST_IDS = Object.keys(LISTS);
export const listName = (measure: string): string => LISTS[measure] ?? readable(measure);

/** The five headline measures: what each one is, and how it is counted. */
export const MEASURES = {
  net_sales: {
    name: 'Net sales',
    short: 'Everything your shop sold: prices minus discounts and returns.',
    long: 'Without tax, shipping, tips, gift cards and subscription renewals. Refunds and edits are taken off the order they belong to, also afterwards. Test orders and cancelled orders count zero and are not among the orders counted here. Orders that are not paid yet are.',
  },
  attributed: {
    name: 'Attributed',
    short: 'Orders with evidence that leads to one of your messages.',
    long: 'Paid orders whose shopper used the message’s own code, finished the cart it was about, or tapped its link before ordering. Having merely received or read a message is not enough. Certain: the code, the cart or a click id on it names the message itself. Strong: a visit or a person close to it. Open any order to see its evidence.',
  },
  recovered: {
    name: 'Recovered',
    short: 'Carts left behind before the message, bought after it.',
    long: 'The checkout was abandoned, then the message went out, then the same checkout was completed and paid. Some shoppers would have come back by themselves. Those with evidence are attributed as well, so the two are never added up.',
  },
  assisted: {
    name: 'Assisted',
    short: 'Bought soon after a message reached them, and nothing more is known.',
    long: 'The same person received or read a message within twelve hours before ordering, and nothing stronger is known. These orders are not part of attributed sales.',
  },
  pending: {
    name: 'Not paid yet',
    short: 'Of net sales, what is ordered but not paid.',
    long: 'Part of net sales, and of no other number here: an order is attributed or recovered only once it is paid.',
  },
} as const;
export type Measure = keyof typeof MEASURES;
