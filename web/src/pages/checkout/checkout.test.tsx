import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { checkoutRow } from '../../test/fixtures';
import { open, PENDING, refusal, Refusal, serve } from '../../test/render';

const STORY = '/api/checkouts/0123456789abcdef';
const PAGE = '/checkouts/0123456789abcdef';

describe('a checkout’s story', () => {
  it('waits with a skeleton', () => {
    serve({ [STORY]: PENDING });
    open(PAGE);
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('says when there is no such checkout', async () => {
    serve({ [STORY]: new Refusal(404, { type: 'about:blank', title: 'Not found', status: 404, code: 'not_found', detail: 'No such checkout.' }) });
    open(PAGE);
    expect(await screen.findByText('This checkout is not known here')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ [STORY]: refusal });
    open(PAGE);
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('tells what happened, with the way to the message', async () => {
    const step = (at: string, what: string, sentence: string) => ({ at, what, sentence, message_id: null, moment: null });
    const sent = { at: '2026-11-21T11:00:00Z', what: 'sent', sentence: 'WhatsApp sent the message.', hit: null, order: null };
    const moments = [
      step('2026-11-21T09:00:00Z', 'begun', 'The checkout began.'),
      step('2026-11-21T10:00:00Z', 'abandoned', 'It had lain quiet for long enough: abandoned.'),
      { ...step(sent.at, 'message', sent.sentence), message_id: 'm1', moment: sent },
    ];
    serve({ [STORY]: { checkout: checkoutRow, moments, steps_left_out: 0 } });
    const { container } = open(PAGE);
    expect(await screen.findByText('The checkout began.')).toBeTruthy();
    expect(screen.getByText('WhatsApp sent the message.')).toBeTruthy();
    expect(container.querySelector('s-link[href="/messages/m1"]')).toBeTruthy();
  });
});
