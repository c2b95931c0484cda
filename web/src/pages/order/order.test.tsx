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
    expect(screen.getAllByText('The order used the code of this message.')).toHaveLength(2);
    expect(screen.getByText('Tapped a day and an hour before.')).toBeTruthy();
    // Another channel's visit, and who told it.
    expect(screen.getByText(/began with a click id of Google Ads/)).toBeTruthy();
    expect(screen.getByText(receipt.shopify_journey.sentence)).toBeTruthy();
    expect(screen.getByText('1 day 1 hour before')).toBeTruthy();
    expect(screen.getByText('The order was paid.')).toBeTruthy();
    expect(screen.getAllByText('One item was refunded.')).toHaveLength(2);
  });

  it('has an empty face: an order no message leads to', async () => {
    const bare = { ...receipt, winner: null, candidates: [], credits: [], verdict: { line: 'unattributed', sentence: 'No message leads here.' } };
    serve({ [RECEIPT]: bare });
    open(at);
    expect(await screen.findByText('No message came into question')).toBeTruthy();
    expect(screen.getByText(/its story begins with the order itself/)).toBeTruthy();
  });
});

describe('timeline', () => {
  it('tells the story in order, and leaves an unreported read unknown', () => {
    expect(stationsOf(receipt).map(({ name }) => name)).toEqual([
      'Code issued',
      'Message sent',
      'Delivered',
      'No read receipt',
      'Ordered',
      'Net sales reduced',
    ]);
  });

  it('shows the cart left behind and the tap', () => {
    const winner = { ...receipt.winner!, kind: 'click_attribute' as const, code: null, evidence_at: '2026-11-21T18:00:00Z' };
    const recovered = { message_id: 'm1', checkout_token: 't', abandoned_at: '2026-11-21T08:00:00Z', sentence: '' };
    const names = stationsOf({ ...receipt, winner, recovered, versions: [] }).map(({ name }) => name);
    expect(names).toEqual(['Cart left behind', 'Message made', 'Message sent', 'Delivered', 'No read receipt', 'Link tapped', 'Ordered']);
  });
});
