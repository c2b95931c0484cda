import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { life } from '../../test/fixtures';
import { open, PENDING, refusal, Refusal, serve } from '../../test/render';

const LIFE = '/api/messages/m1/timeline';

describe('a message’s life', () => {
  it('waits with a skeleton', () => {
    serve({ [LIFE]: PENDING });
    open('/messages/m1');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('says when there is no such message', async () => {
    serve({ [LIFE]: new Refusal(404, { type: 'about:blank', title: 'Not found', status: 404, code: 'not_found', detail: 'No such message.' }) });
    open('/messages/m1');
    expect(await screen.findByText('This message is not known here')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ [LIFE]: refusal });
    open('/messages/m1');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('tells every hit with its verdict and its reason', async () => {
    serve({ [LIFE]: life });
    const { container } = open('/messages/m1');
    expect(await screen.findByText('Machine: WhatsApp')).toBeTruthy();
    expect(screen.getByText('Not counted')).toBeTruthy();
    expect(screen.getByText('A messenger or mail app looked at the link to draw its preview.')).toBeTruthy();
    expect(screen.getByText('Tapped again')).toBeTruthy();
    expect(screen.getByText(/2 taps by people in 1 visit/)).toBeTruthy();
    expect(screen.getByText('and 1 hit by machines')).toBeTruthy();
    expect(container.querySelector('s-link[href="/orders/5001"]')).toBeTruthy();
  });

  it('asks for more hits by cursor', async () => {
    const later = { ...life.moments[2]!, at: '2026-11-22T10:00:00Z' };
    serve({
      [LIFE]: (url: URL) =>
        url.searchParams.get('cursor') === 'two' ? { ...life, moments: [later], next_cursor: null, hits_left_out: 0 } : { ...life, next_cursor: 'two', hits_left_out: 1 },
    });
    open('/messages/m1');
    expect(await screen.findByText(/The link was hit 1 more time/)).toBeTruthy();
    expect(screen.getAllByText('Link tapped')).toHaveLength(1);
    fireEvent.click(screen.getByText('Show more hits'));
    await waitFor(() => expect(screen.getAllByText('Link tapped')).toHaveLength(2));
    expect(screen.queryByText('Show more hits')).toBeNull();
  });

  it('says when no machine opened the link', async () => {
    serve({ [LIFE]: { ...life, raw: life.taps } });
    open('/messages/m1');
    expect(await screen.findByText('and by no machine')).toBeTruthy();
  });
});
