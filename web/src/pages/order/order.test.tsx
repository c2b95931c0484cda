import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { receipt } from '../../test/fixtures';
import { open, PENDING, refusal, Refusal, serve } from '../../test/render';
import { stationsOf } from './timeline';

const RECEIPT = '/api/orders/5550001/receipt';
const at = '/orders/5550001';

describe('order', () => {
  it('waits with a skeleton', () => {
    serve({ [RECEIPT]: PENDING });
    open(at);
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('fails with the request id, and tries again', async () => {
    let answer: unknown = refusal;
    serve({ [RECEIPT]: () => answer });
    open(at);
    expect(await screen.findByText('req-42')).toBeTruthy();
    answer = receipt;
    fireEvent.click(screen.getByText('Try again'));
    expect(await screen.findByText(receipt.verdict.sentence)).toBeTruthy();
  });

  it('says so when the order is not known', async () => {
    serve({ [RECEIPT]: new Refusal(404, { title: 'No such order', status: 404 }) });
    open(at);
    expect(await screen.findByText('This order is not known here')).toBeTruthy();
  });

  it('is a receipt in words', async () => {
    serve({ [RECEIPT]: receipt });
    open(at);
    expect(await screen.findByText(receipt.verdict.sentence)).toBeTruthy();
    expect(screen.getByText('-€19.35')).toBeTruthy();
    expect(screen.getByText('-€30.00')).toBeTruthy();
    expect(screen.getAllByText('WIN7K2M9QXD')).toHaveLength(2);
    // In the list of messages, and in the journey.
    expect(screen.getByText('The order used code WIN7K2M9QXD, which was issued to this message\'s recipient; nothing stronger or later points elsewhere.')).toBeTruthy();
    expect(screen.getByText(/but the order came outside the time this counts\.$/)).toBeTruthy();
    // Another channel's visit, and who told it.
    expect(screen.getByText(/began with a click id of Google Ads/)).toBeTruthy();
    expect(screen.getByText(receipt.shopify_journey.sentence)).toBeTruthy();
    expect(screen.getByText('1 day 1 hour before')).toBeTruthy();
    expect(screen.getByText('paid, or changed by the shop')).toBeTruthy();
    expect(screen.getAllByText('refunded €30.00 in all')).toHaveLength(2);
  });

  it('says what does not add up, and what was paid besides', async () => {
    const alarm = 'The parts of this order come to €105.00, but the order itself names a total of €95.00.';
    serve({ [RECEIPT]: { ...receipt, order: { ...receipt.order, duties: { minor: 2_000, currency: 'EUR' }, alarm } } });
    open(at);
    expect((await screen.findByText(alarm)).closest('s-banner')?.getAttribute('heading')).toBe('This order does not add up');
    expect(screen.getByText('Import duties')).toBeTruthy();
    expect(screen.queryByText('Additional fees')).toBeNull();
  });

  it('has an empty face: an order no message leads to', async () => {
    const bare = { ...receipt, winner: null, candidates: [], credits: [], verdict: { line: 'unattributed', sentence: 'No message leads here.' } };
    serve({ [RECEIPT]: bare });
    open(at);
    expect(await screen.findByText('No message came into question')).toBeTruthy();
    expect(screen.getByText(/its story begins with the order itself/)).toBeTruthy();
  });
});

const recovered = {
  message_id: 'm1',
  campaign: { id: 'c1', name: 'Winback' },
  message: receipt.winner!.message,
  checkout_token: 't',
  abandoned_at: '2026-11-21T08:00:00Z',
  sentence: 'The checkout had gone quiet.',
};

describe('a recovered order that is not attributed', () => {
  it('says both, and contradicts itself nowhere', async () => {
    const sentence = 'This order completed a checkout that had been left behind.';
    serve({ [RECEIPT]: { ...receipt, winner: null, candidates: [], credits: [], recovered, taps: [], verdict: { line: 'unattributed', sentence } } });
    open(at);
    expect(await screen.findByText(sentence)).toBeTruthy();
    expect(screen.getByText('Nothing ties the order to a message')).toBeTruthy();
    expect(screen.getByText(/A message of Winback was about this checkout/)).toBeTruthy();
    expect(screen.getByText('Cart left behind')).toBeTruthy();
    expect(screen.getByText('Delivered')).toBeTruthy();
    expect(screen.queryByText(/its story begins with the order itself/)).toBeNull();
    expect(screen.queryByText('No message came into question')).toBeNull();
    expect(screen.getByText('See the life of the message about the checkout').getAttribute('href')).toBe('/messages/m1');
  });
});

describe('evidence of the message that won', () => {
  it('agrees, and every tap stands in the story with whose link it was', async () => {
    const agrees = { ...receipt.candidates[1]!, message_id: 'm1', holds: true, outcome: 'agrees' as const, unwitnessed: 'Nothing else saw this tap.' };
    serve({ [RECEIPT]: { ...receipt, candidates: [receipt.candidates[0], agrees] } });
    open(at);
    expect(await screen.findByText('Agrees')).toBeTruthy();
    expect(screen.queryByText('Lost')).toBeNull();
    expect(screen.getByText('No second witness')).toBeTruthy();
    expect(screen.getByText('Link of Thank-you')).toBeTruthy();
    expect(screen.getAllByText('Link tapped')).toHaveLength(2);
  });
});

describe('timeline', () => {
  it('tells the story in order, and leaves an unreported read unknown', () => {
    expect(stationsOf(receipt).map(({ name }) => name)).toEqual([
      'Code issued',
      'Message sent',
      'Delivered',
      'No read receipt',
      'Link tapped',
      'Tapped again',
      'Link tapped',
      'Ordered',
      'Net sales reduced',
    ]);
  });

  it('shows the cart left behind and the tap', () => {
    const winner = { ...receipt.winner!, kind: 'click_attribute' as const, code: null, evidence_at: '2026-11-21T10:00:00Z' };
    const names = stationsOf({ ...receipt, winner, recovered, taps: receipt.taps.slice(0, 1), versions: [] }).map(({ name }) => name);
    expect(names).toEqual(['Cart left behind', 'Message made', 'Message sent', 'Delivered', 'No read receipt', 'Link tapped', 'Ordered']);
    // The tap the evidence rests on is shown even if it is not among people's.
    expect(stationsOf({ ...receipt, winner, taps: [], versions: [] }).map(({ name }) => name)).toContain('Link tapped');
  });
});
