// What the lists of codes and messages and a recipient's life answer.
import { eur } from './fixtures';

const share = (numerator: number, denominator: number, low: number, high: number) => ({ definition: '', numerator, denominator, value: numerator / denominator, low, high });

export const codeSums = { issued: 120, pending: 5, live: 60, redeemed: 30, expired: 20, revoked: 5, delivered: 100, redemption: share(30, 100, 0.219, 0.396) };

export const code = (over: object = {}) => ({
  code: 'WIN7K2M9QXD',
  state: 'redeemed',
  campaign: { id: 'c1', name: 'Winback' },
  message_id: 'm1',
  recipient_id: 'r1',
  issued_at: '2026-11-21T10:00:00Z',
  delivered_at: '2026-11-21T10:00:05Z',
  expires_at: '2026-11-23T10:00:00Z',
  redeemed_at: '2026-11-21T12:00:00Z',
  order: { shopify_order_id: '5550001', name: '#1042' },
  ...over,
});

export const messageSums = {
  issued: 130,
  under_way: 20,
  delivered: 60,
  read: 40,
  failed: 10,
  delivery: share(100, 110, 0.84, 0.95),
  reading: share(40, 100, 0.31, 0.5),
  tapping: share(20, 100, 0.13, 0.29),
  ordering: share(10, 100, 0.06, 0.17),
};

export const messageRow = (over: object = {}) => ({
  message_id: 'm1',
  recipient_id: 'r1',
  campaign: { id: 'c1', name: 'Winback' },
  state: 'read',
  issued_at: '2026-11-21T10:00:00Z',
  sent_at: null,
  delivered_at: '2026-11-21T10:00:05Z',
  read_at: '2026-11-21T10:05:00Z',
  failed_at: null,
  failure_code: null,
  failure: null,
  code: 'WIN7K2M9QXD',
  code_state: 'redeemed',
  taps: 2,
  orders: [{ shopify_order_id: '5550001', name: '#1042', net_sales: eur(7_965) }],
  ...over,
});

const moment = (at: string, what: string, over: object = {}) => ({ at, what, sentence: 'It happened.', campaign: null, message_id: null, moment: null, order: null, checkout_token: null, ...over });
const winback = { id: 'c1', name: 'Winback' };

export const life = (over: object = {}) => ({
  recipient_id: 'r1',
  known_since: '2026-11-20T10:00:00Z',
  forgotten_at: null,
  contact_kept: true,
  marketing: 'stop',
  sums: { messages: 1, delivered: 1, read: 0, tapped: 1, held_out: 1, orders: 2, net_sales: eur(15_930), orders_back: 1, net_sales_back: eur(7_965) },
  draws: [
    { campaign: winback, arm: 'treated', held_out: false, by_program: false, message_id: 'm1', drawn_at: '2026-11-21T10:00:00Z' },
    { campaign: { id: 'c2', name: 'Measured' }, arm: 'held_out', held_out: true, by_program: false, message_id: null, drawn_at: '2026-11-20T10:00:00Z' },
  ],
  draws_left_out: 0,
  moments: [
    moment('2026-11-20T10:00:00Z', 'held_out', { campaign: { id: 'c2', name: 'Measured' } }),
    moment('2026-11-21T10:00:05Z', 'message', { campaign: winback, message_id: 'm1', moment: { at: '2026-11-21T10:00:05Z', what: 'delivered', sentence: 'It arrived on the phone.', hit: null, order: null } }),
    moment('2026-11-21T12:00:00Z', 'opted_out', { checkout_token: 'tok/1' }),
    moment('2026-11-21T13:00:00Z', 'ordered', { order: { shopify_order_id: '5550001', name: '#1042', net_sales: eur(7_965) } }),
  ],
  ...over,
});
