// What the form holds, and the body it becomes. No rule stands here: what cannot be read as a number goes to the server as a
// number it refuses, so that the server alone says what is wrong, and where.
import type { CampaignView, NewCampaign } from '../../api/types';
import { decimalOf, minorOf } from '../../lib/money';

export interface Draft {
  name: string;
  kind: string;
  offer: string;
  percentage: string;
  amount: string;
  minimum: string;
  subtotal: string;
  pieces: string;
  about: string;
  ids: string;
  purchase: string;
  order: boolean;
  product: boolean;
  shipping: boolean;
  title: string;
  tags: string;
  after: string;
  unit: string;
  starts: string;
  slot: string;
  exact: boolean;
  prefix: string;
  length: string;
  destination: string;
  source: string;
  medium: string;
  campaign: string;
  content: string;
  term: string;
  message: string;
  step: string;
  autoApply: boolean;
  /** Per cent; empty: what the shop chose. */
  holdout: string;
  /** `two`, or `three`: with a message without its code. */
  groups: string;
  /** Per cent of all recipients who get the message without a code. */
  alone: string;
  expected: string;
  cost: string;
}

export const EMPTY: Draft = {
  name: '',
  kind: 'broadcast',
  offer: 'percentage',
  percentage: '15',
  amount: '',
  minimum: 'none',
  subtotal: '',
  pieces: '',
  about: 'all',
  ids: '',
  purchase: 'one_time',
  order: false,
  product: false,
  shipping: true,
  title: '',
  tags: '',
  after: '48',
  unit: '3600',
  starts: 'issue',
  slot: '3600',
  exact: false,
  prefix: '',
  length: '12',
  destination: '/',
  source: '',
  medium: '',
  campaign: '',
  content: '',
  term: '',
  message: '',
  step: '',
  autoApply: true,
  holdout: '',
  groups: 'two',
  alone: '45',
  expected: '',
  cost: '',
};

/** Everything that is a whole number here fits well into what JSON carries exactly. */
const whole = (typed: string, otherwise: number): number => (/^\d{1,12}$/.test(typed.trim()) ? Number(typed.trim()) : otherwise);

const list = (typed: string): string[] => typed.split(',').map((one) => one.trim()).filter((one) => one !== '');

/** Ids as they are typed, or at the end of addresses of the admin, which is where a merchant finds them. */
const idsIn = (typed: string): string[] =>
  typed.split(/[\s,;]+/).filter((one) => one !== '').map((one) => /(?:\/)(\d+)\/?(?:\?.*)?$/.exec(one)?.[1] ?? one);

const seconds = (draft: Draft): number => {
  const typed = draft.after.trim().replace(',', '.');
  return /^\d{1,6}(\.\d{1,3})?$/.test(typed) ? Math.round(Number(typed) * Number(draft.unit)) : 0;
};

/** Per cent with at most four decimals, as the share it is. */
const share = (typed: string): number => {
  const text = typed.trim().replace(',', '.');
  if (text === '') return 0;
  return /^\d{1,3}(\.\d{1,4})?$/.test(text) ? Math.round(Number(text) * 10_000) / 1_000_000 : -1;
};

const offerOf = (draft: Draft, currency: string): NewCampaign['offer'] => {
  if (draft.offer === 'percentage') return { type: 'percentage', percentage: draft.percentage.trim().replace(',', '.') };
  if (draft.offer === 'fixed_amount') return { type: 'fixed_amount', amount_minor: minorOf(draft.amount, currency) ?? 0 };
  return draft.offer === 'free_shipping' ? { type: 'free_shipping' } : null;
};

/** Three groups, where they are wanted and there is a code to leave out. */
export const armsOf = (draft: Draft): NewCampaign['arms'] => {
  if (draft.groups !== 'three' || draft.offer === 'none') return null;
  const [nothing, message] = [share(draft.holdout), share(draft.alone)];
  // Whole millionths, so that what is left is a share as one writes it.
  return { nothing, message, message_and_code: Math.round((1 - nothing - message) * 1_000_000) / 1_000_000 };
};

/** What is left alone, where the draft says so. */
export const holdoutOf = (draft: Draft): number | null => (draft.holdout.trim() === '' ? null : share(draft.holdout));

/** The body of a campaign. What the offer has no place for is left out, so that no hidden field can be what is wrong. */
export const bodyOf = (draft: Draft, currency: string): NewCampaign => {
  const offer = offerOf(draft, currency);
  const isShipping = draft.offer === 'free_shipping';
  const arms = armsOf(draft);
  const ids = (kind: string): string[] => (draft.about === kind ? idsIn(draft.ids) : []);
  return {
    name: draft.name,
    kind: draft.kind as NewCampaign['kind'],
    offer,
    minimum_subtotal_minor: offer && draft.minimum === 'subtotal' ? (minorOf(draft.subtotal, currency) ?? 0) : null,
    minimum_quantity: offer && draft.minimum === 'quantity' ? whole(draft.pieces, 0) : null,
    applies_to: offer && !isShipping && draft.about !== 'all' ? { products: ids('products'), collections: ids('collections') } : null,
    purchase: (offer ? draft.purchase : 'one_time') as NewCampaign['purchase'],
    combines_with: { order: draft.order, product: draft.product, shipping: !isShipping && draft.shipping },
    title: draft.title.trim() === '' ? null : draft.title,
    tags: list(draft.tags),
    expiry: { after_seconds: seconds(draft), starts: draft.starts as 'issue', slot_seconds: Number(draft.slot), exact: draft.exact },
    code: { prefix: draft.prefix.trim() === '' ? null : draft.prefix.trim().toUpperCase(), length: Number(draft.length) },
    link: {
      destination: draft.destination.trim(),
      utm: {
        source: draft.source.trim() || null,
        medium: draft.medium.trim() || null,
        campaign: draft.campaign.trim() || null,
        content: draft.content.trim() || null,
        term: draft.term.trim() || null,
      },
      message: draft.message.trim() || null,
      step: draft.step.trim() || null,
      auto_apply: draft.autoApply,
    },
    arms,
    // One of both: three groups say themselves who is left alone.
    holdout: arms ? undefined : holdoutOf(draft),
    expected_recipients: draft.expected.trim() === '' ? null : whole(draft.expected, -1),
    cost_per_message: draft.cost.trim() === '' ? null : { minor: minorOf(draft.cost, currency) ?? -1, currency },
  };
};

const shortest = (seconds: number): { after: string; unit: string } => {
  const unit = [86_400, 3_600, 60].find((size) => seconds % size === 0) ?? 60;
  return { after: String(seconds / unit), unit: String(unit) };
};

/** The form of a campaign that is there. */
export const draftOf = (campaign: CampaignView, currency: string): Draft => {
  const { offer, applies_to: about, link, combines_with: combines, cost_per_message: cost } = campaign;
  const subtotal = campaign.minimum_subtotal_minor ?? null;
  const pieces = campaign.minimum_quantity ?? null;
  return {
    ...EMPTY,
    name: campaign.name,
    kind: campaign.kind,
    offer: offer?.type ?? 'none',
    percentage: offer?.type === 'percentage' ? offer.percentage : '',
    amount: offer?.type === 'fixed_amount' ? decimalOf({ minor: offer.amount_minor, currency }) : '',
    minimum: subtotal !== null ? 'subtotal' : pieces !== null ? 'quantity' : 'none',
    subtotal: subtotal === null ? '' : decimalOf({ minor: subtotal, currency }),
    pieces: pieces === null ? '' : String(pieces),
    about: about?.products?.length ? 'products' : about?.collections?.length ? 'collections' : 'all',
    ids: [...(about?.products ?? []), ...(about?.collections ?? [])].join(', '),
    purchase: campaign.purchase,
    order: combines.order ?? false,
    product: combines.product ?? false,
    shipping: combines.shipping ?? false,
    title: campaign.title === campaign.name ? '' : campaign.title,
    tags: campaign.tags.join(', '),
    ...shortest(campaign.expiry.after_seconds),
    starts: campaign.expiry.starts ?? 'issue',
    slot: String(campaign.expiry.slot_seconds ?? 3_600),
    exact: campaign.expiry.exact ?? false,
    prefix: campaign.code.prefix ?? '',
    length: String(campaign.code.length ?? 12),
    destination: link.destination ?? '/',
    source: link.utm?.source ?? '',
    medium: link.utm?.medium ?? '',
    campaign: link.utm?.campaign ?? '',
    content: link.utm?.content ?? '',
    term: link.utm?.term ?? '',
    message: link.message ?? '',
    step: link.step ?? '',
    autoApply: link.auto_apply ?? true,
    holdout: String(Number((campaign.holdout * 100).toFixed(4))),
    groups: campaign.arms ? 'three' : 'two',
    alone: campaign.arms ? String(Number((campaign.arms.message * 100).toFixed(4))) : EMPTY.alone,
    expected: campaign.expected_recipients?.toString() ?? '',
    cost: cost ? decimalOf(cost) : '',
  };
};

/** The fields of a body that are not as they were. */
export const changed = (before: NewCampaign, after: NewCampaign): Partial<NewCampaign> =>
  Object.fromEntries(
    Object.entries(after).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof NewCampaign])),
  );
