import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { messageRow, messageSums } from '../../test/lists';
import { open, PENDING, refusal, serve } from '../../test/render';

const MESSAGES = '/api/messages';
const page = (messages: object[]) => ({ from: '2026-10-26', to: '2026-11-24', complete_through: null, messages, total: messageSums, next_cursor: null });

describe('messages', () => {
  it('waits with a skeleton, fails with the request id, and says when there are none', async () => {
    serve({ [MESSAGES]: PENDING });
    open('/messages');
    expect(screen.getByText('Loading…')).toBeTruthy();
    serve({ [MESSAGES]: refusal });
    open('/messages?days=7');
    expect(await screen.findByText('req-42')).toBeTruthy();
    serve({ [MESSAGES]: page([]) });
    open('/messages?days=90&state=failed');
    expect(await screen.findByText('No such message in these days')).toBeTruthy();
  });

  it('sums before it lists, and each leads on', async () => {
    const asked = serve({ [MESSAGES]: page([messageRow(), messageRow({ message_id: 'm2', state: 'failed', failure: { meaning: 'The number is not on WhatsApp.' }, code: null, code_state: null, orders: [], taps: 0 })]) });
    open('/messages');
    const named = await screen.findAllByText('Winback');
    expect(named[0]?.closest('s-link')?.getAttribute('href')).toBe('/messages/m1');
    expect(document.querySelector('[data-sum="failed"] dd')?.textContent).toBe('10');
    expect(document.querySelector('[data-rate="delivery"]')?.textContent).toContain('100 of 110');
    expect(screen.getByText('The number is not on WhatsApp.')).toBeTruthy();
    expect(screen.getByText('#1042').getAttribute('href')).toBe('/orders/5550001');
    expect(screen.getAllByText('Their life')[0]?.getAttribute('href')).toBe('/recipients/r1');
    expect(screen.getByText('2 taps')).toBeTruthy();
    const state = document.querySelectorAll('.list-filters s-select')[1]?.shadowRoot?.querySelector('select') as HTMLSelectElement;
    state.value = 'read';
    fireEvent.change(state);
    await waitFor(() => expect(asked.filter(({ pathname }) => pathname === MESSAGES).at(-1)?.searchParams.get('state')).toBe('read'));
  });
});
