// One small shop with two days of sales, for all pages' tests.
import type {
  AbandonedCheckout,
  Campaign,
  CampaignView,
  Candidate,
  Comparison,
  Ledger,
  LinksReport,
  Policies,
  PolicyPreview,
  Money,
  OrderRow,
  Receipt,
  Shop,
  Summary,
  Timeline,
} from '../api/types';

export const eur = (minor: number): Money => ({ minor, currency: 'EUR' });

export const shop: Shop = {
  id: 'shop-1',
  name: 'Alpenglow',
  domain: 'alpenglow.myshopify.com',
  currency: 'EUR',
  time_zone: 'Europe/Vienna',
  installed_at: '2026-08-01T00:00:00Z',
  needs_reopening: false,
  missing_scopes: [],
  storefront_url: 'https://alpenglow.example',
};

export const summary: Summary = {
  channels: [],
  sales_book: { orders: 44, known: 43, waiting: 1, left: 0, differences: [], sentence: 'Shopify\'s own book of sales is known of 43 of 44 orders. It agrees with what the webhooks told.' },
  from: '2026-11-21',
  to: '2026-11-22',
  time_zone: 'Europe/Vienna',
  policy: 'default',
  policy_version: 3,
  model: 'originating',
  as_of: '2026-11-22T11:00:00Z',
  currency: 'EUR',
  complete_through: '2026-11-22T10:40:00Z',
  heard_through: '2026-11-22T10:58:00Z',
  orders: { all: 44, sales: 40, attributed: 9, shared: 1, recovered: 3, recovered_attributed: 2, assisted: 2, pending: 1 },
  pixel: { online_orders: 40, seen: 0, unseen: 40, refused_consent: null, attributed: eur(0), attributed_orders: 0, sentence: 'The pixel saw the checkouts of 0 of 40 online orders. Of the other 40 nobody can tell whether the shopper refused consent, blocked scripts or left too soon: what rests on the pixel is a lower bound.' },
  journeys: { orders: 40, told: 30, none: 8, waiting: 2, sentence: 'Shopify told the visits before 30 of 40 online orders, tells none of 8, and has not told those of 2 yet: where it tells none, a later click of another channel is known only from the order\'s own landing page.' },
  net_sales: eur(400_050),
  attributed: eur(80_010),
  recovered: eur(20_000),
  assisted: eur(9_900),
  pending: eur(4_990),
  shared: eur(4_000),
  certainty: [
    { class: 'certain', orders: 7, amount: eur(70_010) },
    { class: 'strong', orders: 2, amount: eur(10_000) },
  ],
  incremental: null,
  before: { from: '2026-10-01', to: '2026-10-30', begins_on: null, net_sales: eur(320_040), attributed: eur(88_900), certain: eur(80_000), strong: eur(8_900), recovered: eur(0), assisted: eur(9_900), pending: eur(4_990) },
  funnel: { drawn: 100, held_out: 10, issued: 90, sent: 90, delivered: 80, read: 50, clicked: 20, clicked_raw: 24, taps: 25, taps_raw: 40, visits: 22, ordered: 8, failed: 10, orders: 9, orders_of_earlier: 2, orders_afterwards: 1 },
  series: [
    { day: '2026-11-21', net_sales: eur(200_000), attributed: eur(40_000), recovered: eur(10_000) },
    { day: '2026-11-22', net_sales: eur(200_050), attributed: eur(40_010), recovered: eur(10_000) },
  ],
  campaigns: [
    { id: 'c1', name: 'Winback', kind: 'broadcast', drawn: 100, held_out: 10, messages: 90, delivered: 80, clicked: 20, clicked_raw: 24, taps: 25, taps_raw: 40, orders: 9, attributed: eur(80_010) },
  ],
};

export const bareSummary: Summary = {
  ...summary,
  orders: { all: 0, sales: 0, attributed: 0, shared: 0, recovered: 0, recovered_attributed: 0, assisted: 0, pending: 0 },
  pixel: { online_orders: 0, seen: 0, unseen: 0, refused_consent: null, attributed: eur(0), attributed_orders: 0, sentence: 'No order was placed in the online store, so there is nothing the pixel could have seen.' },
  journeys: { orders: 0, told: 0, none: 0, waiting: 0, sentence: 'No order was placed in the online store.' },
  funnel: { drawn: 0, held_out: 0, issued: 0, sent: 0, delivered: 0, read: 0, clicked: 0, clicked_raw: 0, taps: 0, taps_raw: 0, visits: 0, ordered: 0, failed: 0, orders: 0, orders_of_earlier: 0, orders_afterwards: 0 },
  series: [],
  campaigns: [],
};

export const ledger: Ledger = {
  currency: 'EUR',
  lines: [
    {
      line: 'attributed', title: 'Attributed to a message', why: 'Evidence leads to a message.', orders: 9, net_sales: eur(80_010),
      certainty: [{ class: 'certain', orders: 7, amount: eur(70_010) }, { class: 'strong', orders: 2, amount: eur(10_000) }],
    },
    { line: 'unattributed', title: 'Not from a message', why: 'No message leads here.', orders: 31, net_sales: eur(320_040), certainty: [] },
  ],
  complete_through: '2026-11-22T10:40:00Z',
  days: [
    { day: '2026-11-21', orders: 22, net_sales: eur(200_000), certain: eur(40_010), strong: eur(0), lines: [{ line: 'attributed', orders: 4, net_sales: eur(40_010) }, { line: 'unattributed', orders: 18, net_sales: eur(159_990) }] },
    { day: '2026-11-22', orders: 22, net_sales: eur(200_050), certain: eur(30_000), strong: eur(10_000), lines: [{ line: 'attributed', orders: 5, net_sales: eur(40_000) }, { line: 'unattributed', orders: 13, net_sales: eur(160_050) }, { line: 'test', orders: 4, net_sales: eur(0) }] },
  ],
  total: { orders: 44, sales: 40, net_sales: eur(400_050) },
  left_out: [{ line: 'tips', title: 'Tips', why: 'Given, not sold.', orders: 2, amount: eur(500) }],
};

export const order: OrderRow = {
  shopify_order_id: '5550001',
  name: '#1001',
  ordered_at: '2026-11-21T18:22:00Z',
  line: 'attributed',
  net_sales: eur(7_965),
  evidence: 'redeem_code',
  recovered: false,
  campaign: { id: 'c1', name: 'Winback' },
};

const winner: Candidate = {
  message_id: 'm1',
  campaign: { id: 'c1', name: 'Winback' },
  kind: 'redeem_code',
  class: 'certain',
  evidence_at: '2026-11-21T18:22:00Z',
  age_seconds: 0,
  window_seconds: null,
  holds: true,
  credited: true,
  outcome: 'won',
  why: 'The order used code WIN7K2M9QXD, which was issued to this message\'s recipient; nothing stronger or later points elsewhere.',
  code: 'WIN7K2M9QXD',
  click_id: null,
  message: {
    issued_at: '2026-11-21T09:00:00Z',
    sent_at: '2026-11-21T09:00:05Z',
    delivered_at: '2026-11-21T09:00:09Z',
    read_at: null,
    failed_at: null,
  },
};

export const receipt: Receipt = {
  worth: { decided_by: 'sales', sentence: 'What this order is worth is taken from Shopify\'s own book of sales, which holds every sale and every refund of it.', sales: [], differences: [] },
  order: {
    shopify_order_id: '5550001',
    name: '#1001',
    ordered_at: '2026-11-21T18:22:00Z',
    source_name: 'web',
    financial_status: 'partially_refunded',
    cancelled_at: null,
    test: false,
    gross: eur(12_900),
    discounts: eur(1_935),
    returns: eur(3_000),
    net_sales: eur(7_965),
    shipping: eur(490),
    tax: eur(1_409),
    tips: eur(0),
    gift_cards: eur(0),
    duties: eur(0),
    fees: eur(0),
    total: eur(9_864),
  },
  policy: { name: 'default', version: 3 },
  verdict: { line: 'attributed', sentence: 'This order goes back to the campaign “Winback”, because the code WIN7K2M9QXD was issued to the recipient of that message and used on this order.' },
  winner,
  candidates: [
    winner,
    { ...winner, message_id: 'm2', kind: 'click_attribute', class: 'certain', age_seconds: 90_000, window_seconds: 86_400, holds: false, outcome: 'outside_window', why: 'The order\'s cart carried the click id of this message\'s link, tapped on 2026-11-20T17:22:00Z; but the order came outside the time this counts.', code: null },
  ],
  recovered: null,
  journey: [
    { at: '2026-11-22T09:00:00Z', channel: 'whatsapp', message_id: 'm-1', claims: false, why: 'The order used code WIN7K2M9QXD, which was issued to this message\'s recipient.' },
    { at: '2026-11-22T09:30:00Z', channel: 'paid', message_id: null, claims: true, why: 'A visit that Shopify saw before this order began with a click id of Google Ads (`gclid`).' },
  ],
  shopify_journey: { state: 'told', ask_at: null, sentence: 'Shopify told one visit before this order.' },
  contested: null,
  taps: [
    { at: '2026-11-21T10:00:00Z', message_id: 'm1', campaign: { id: 'c1', name: 'Winback' }, again: false },
    { at: '2026-11-21T10:05:00Z', message_id: 'm1', campaign: { id: 'c1', name: 'Winback' }, again: true },
    { at: '2026-11-21T12:00:00Z', message_id: 'm2', campaign: { id: 'c2', name: 'Thank-you' }, again: false },
  ],
  taps_left_out: false,
  touchpoints: [],
  assisted: [],
  others: [
    {
      policy: 'klaviyo',
      vendor: 'Klaviyo',
      line: 'unattributed',
      amount: eur(7_965),
      message_id: null,
      campaign: null,
      kind: null,
      assisted: false,
    },
  ],
  credits: [{ model: 'last_touch', message_id: 'm1', campaign: { id: 'c1', name: 'Winback' }, channel: 'whatsapp', credit: eur(7_965) }],
  versions: [
    { effective_at: '2026-11-21T18:22:10Z', line: 'attributed', net_sales: eur(10_965), why: 'paid, or changed by the shop' },
    { effective_at: '2026-11-22T08:00:00Z', line: 'attributed', net_sales: eur(7_965), why: 'refunded 30.00 EUR in all' },
  ],
};

export const campaign: Campaign = {
  id: 'c1',
  name: 'Winback',
  kind: 'broadcast',
  offer_text: '15 % off',
  created_at: '2026-11-01T08:00:00Z',
  archived_at: null,
  holdout: 0.1,
  drawn: 100,
  held_out: 10,
  issued: 90,
  delivered: 80,
  clicked: 20,
  clicked_raw: 24,
  taps: 25,
  taps_raw: 40,
  ordered: 8,
  orders: 9,
  attributed: eur(80_010),
  pool: { imported: 420, pending: 0 },
  expected_recipients: 500,
  trouble: null,
  open_alarms: 0,
};

export const shown: CampaignView = {
  id: 'c1',
  name: 'Winback',
  kind: 'broadcast',
  offer: { type: 'percentage', percentage: '15' },
  minimum_subtotal_minor: 5_000,
  minimum_quantity: null,
  applies_to: null,
  purchase: 'one_time',
  title: 'Winback',
  tags: ['autumn'],
  combines_with: { order: false, product: false, shipping: true },
  expiry: { after_seconds: 172_800, starts: 'issue', slot_seconds: 3_600, exact: false },
  code: { prefix: 'WIN', length: 12 },
  link: { destination: '/collections/sale', utm: { source: 'whatsapp', medium: 'message', campaign: null, content: null, term: null }, message: null, step: null, auto_apply: true },
  holdout: 0.1,
  expected_recipients: 500,
  cost_per_message: null,
  trouble: null,
  created_at: '2026-11-01T08:00:00Z',
  archived_at: null,
  notices: [],
  summary: 'Every recipient gets a code of their own for 15 % off from 50.00 EUR on, good for one order within 2 days of being drawn.',
  numbers: campaign,
  bound: [],
};

const hits = {
  raw: 40,
  taps: 25,
  visits: 22,
  machines: [
    { reason: 'preview', sentence: 'A messenger or mail app looked at the link to draw its preview.', hits: 12 },
    { reason: 'prefetch', sentence: 'The browser fetched it in advance; nobody had tapped yet.', hits: 3 },
  ],
  heads: 2,
  with_code: 20,
  expired: 1,
  first_at: '2026-11-21T09:00:00Z',
  last_at: '2026-11-22T10:00:00Z',
};

export const linksReport: LinksReport = {
  from: '2026-11-21',
  to: '2026-11-22',
  total: hits,
  days: [
    { day: '2026-11-21', taps: 20, machines: 10 },
    { day: '2026-11-22', taps: 5, machines: 5 },
  ],
  witness: {
    meta_clicks: 9,
    seen_by_us: 8,
    taps_with_meta_id: 8,
    sentence: 'Meta also counts clicks on links that are not ours.',
    templates: {
      told_at: '2026-11-22T06:00:00Z',
      templates: 2,
      shared: 1,
      days: 2,
      sent: 101,
      delivered: 97,
      read: null,
      url_clicks: 19,
      unique_url_clicks: 17,
      quick_replies: null,
      spent: [eur(577)],
      ours: { raw: 40, taps: 25, sent: 102, delivered: 98, read: 61 },
      counted_from: '2026-11-20T00:00:00Z',
      counted_until: '2026-11-22T00:00:00Z',
      sentence: 'We counted 6 more taps than Meta.',
    },
  },
  orders: 9,
  attributed: eur(80_010),
  campaigns: [{ campaign: { id: 'c1', name: 'Winback' }, hits, meta_clicks: 8, template_clicks: 19, orders: 9, attributed: eur(80_010) }],
  links: [{ message_id: 'm1', campaign: { id: 'c1', name: 'Winback' }, hits: { ...hits, taps: 2, visits: 1 }, meta_clicks: 1 }],
  next_cursor: 'two',
};

const nothing = { hit: null, order: null };
const hit = { head: false, program: null, browser: null, with_code: true, expired: false, from_meta: false };
export const checkoutRow: AbandonedCheckout = {
  checkout_token: '0123456789abcdef',
  state: 'open',
  begun_at: '2026-11-21T09:00:00Z',
  last_active_at: '2026-11-21T09:00:00Z',
  abandoned_at: '2026-11-21T10:00:00Z',
  offered_at: '2026-11-21T10:00:00Z',
  withdrawn_at: null,
  ended_at: null,
  because: null,
  shopify_order_id: null,
  value: eur(4_000),
  contact: { shopify_customer_id: null, phone: true, email: false },
  opens_again: true,
  campaigns: [],
  messages: [],
};

export const life: Timeline = {
  message_id: 'm1',
  campaign: { id: 'c1', name: 'Winback' },
  code: 'WIN7K2M9QXD',
  expires_at: '2026-11-23T09:00:00Z',
  raw: 3,
  taps: 2,
  visits: 1,
  rules: 1,
  moments: [
    { at: '2026-11-21T09:00:00Z', what: 'sent', sentence: 'WhatsApp sent the message.', ...nothing },
    {
      at: '2026-11-21T09:00:01Z',
      what: 'hit',
      sentence: 'A machine opened the link; it does not count.',
      order: null,
      hit: { ...hit, human: false, visit: false, program: 'WhatsApp', browser: 'WhatsApp/2.24.20.89 A', reasons: [{ reason: 'preview', sentence: 'A messenger or mail app looked at the link to draw its preview.' }] },
    },
    {
      at: '2026-11-21T10:00:00Z',
      what: 'hit',
      sentence: 'A person opened the link.',
      order: null,
      hit: { ...hit, human: true, visit: true, reasons: [{ reason: 'browser', sentence: 'An ordinary browser opened the link.' }] },
    },
    {
      at: '2026-11-21T10:00:04Z',
      what: 'hit',
      sentence: 'The same visit: the link was opened once more.',
      order: null,
      hit: { ...hit, human: true, visit: false, reasons: [{ reason: 'again', sentence: 'The same device once more within half an hour: part of the same visit.' }] },
    },
    {
      at: '2026-11-21T10:20:00Z',
      what: 'ordered',
      sentence: 'An order that goes back to this message.',
      hit: null,
      order: { shopify_order_id: '5001', name: '#1001', net_sales: eur(4_000) },
    },
  ],
  hits_left_out: 0,
  next_cursor: null,
};

const policyDocument = {
  name: 'default',
  version: 4,
  pick: 'strongest' as const,
  veto: 'weak' as const,
  credit_shared: true,
  basis: 'net_sales' as const,
  abandoned_after_seconds: 3_600,
  kinds: { redeem_code: { window_seconds: 86_400 } },
};

export const policies: Policies = {
  policies: [
    {
      name: 'default',
      version: 4,
      active: true,
      made_at: null,
      activated_at: '2026-11-01T10:00:00Z',
      document: policyDocument,
      ties: 'used a code issued to a recipient, or completed the checkout a message was about',
      restated: { orders: 1_204, changed: 3, began_at: '2026-11-20T10:00:00Z', ended_at: '2026-11-20T10:00:03Z' },
    },
  ],
  presets: [
    {
      name: 'postscript',
      vendor: 'Postscript',
      says: 'A click counts for seven days, a received message for 24 hours.',
      reading: 'Our reading of what the vendor’s public pages say.',
      sources: ['https://help.example/windows'],
      read_on: '2026-11-29',
      document: { ...policyDocument, name: 'postscript', version: 1 },
      active: false,
    },
  ],
  kinds: [{ kind: 'redeem_code', class: 'certain', called: 'a redeemed code', weak: false }],
  reportable: ['default'],
};

const side = (policy: string, version: number, minor: number, orders: number) => ({
  policy,
  version,
  attributed: { orders, amount: eur(minor) },
  assisted: { orders: 2, amount: eur(9_900) },
  recovered: { orders: 1, amount: eur(4_000) },
  lines: [
    { line: 'attributed' as const, title: 'Attributed to messages', orders, amount: eur(minor) },
    { line: 'unattributed' as const, title: 'Not tied to any message', orders: 1_204 - orders, amount: eur(900_000 - minor) },
  ],
  kinds: [],
});

const lookedAt = { from: '2026-10-24', to: '2026-11-22', orders: 1_204, whole: true, back_to: '2026-10-24T08:00:00Z' };

export const compared: Comparison = { looked_at: lookedAt, sides: [side('default', 4, 120_000, 31), side('postscript', 1, 310_000, 84)] };

export const policyPreview: PolicyPreview = {
  looked_at: lookedAt,
  now: side('default', 4, 120_000, 31),
  then: side('postscript', 1, 310_000, 84),
  moved: [{ from: 'unattributed', to: 'attributed', orders: 2, amount: eur(12_300) }],
  largest: [
    {
      shopify_order_id: '5550007',
      name: '#1007',
      ordered_at: '2026-11-20T10:00:00Z',
      from: { line: 'unattributed', amount: eur(9_900), message_id: null, kind: null },
      to: { line: 'attributed', amount: eur(9_900), message_id: 'm1', kind: 'person_delivered' },
    },
  ],
};
