import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { code, codeSums } from '../../test/lists';
import { open, PENDING, refusal, serve } from '../../test/render';

const CODES = '/api/codes';
const page = (codes: object[], over: object = {}) => ({ from: '2026-10-26', to: '2026-11-24', complete_through: '2026-11-24T09:00:00Z', codes, total: codeSums, next_cursor: null, ...over });
const select = (index: number): HTMLSelectElement => document.querySelectorAll('.list-filters s-select')[index]?.shadowRoot?.querySelector('select') as HTMLSelectElement;

describe('codes', () => {
  it('waits with a skeleton, fails with the request id, and says when there are none', async () => {
    serve({ [CODES]: PENDING });
    open('/codes');
    expect(screen.getByText('Loading…')).toBeTruthy();
    serve({ [CODES]: refusal });
    open('/codes?days=7');
    expect(await screen.findByText('req-42')).toBeTruthy();
    serve({ [CODES]: page([]) });
    open('/codes?days=90');
    expect(await screen.findByText('No codes in these days')).toBeTruthy();
  });

  it('sums before it lists, and each leads to its message, order and campaign', async () => {
    const asked = serve({
      [CODES]: (url: URL) => (url.searchParams.get('cursor') ? page([code({ code: null, state: 'revoked', message_id: 'm2', order: null })], { total: null }) : page([code()], { next_cursor: 'two' })),
    });
    open('/codes');
    expect((await screen.findByText('WIN7K2M9QXD')).closest('s-link')?.getAttribute('href')).toBe('/campaigns/c1?code=WIN7K2M9QXD');
    expect(document.querySelector('[data-sum="issued"] dd')?.textContent).toBe('120');
    const rate = document.querySelector('[data-rate="redemption"]');
    expect(rate?.textContent).toContain('30%');
    expect(rate?.textContent).toContain('30 of 100');
    expect(rate?.textContent).toContain('21.9% – 39.6%');
    expect(screen.getByText(/Complete through/)).toBeTruthy();
    expect(screen.getByText('#1042').getAttribute('href')).toBe('/orders/5550001');
    expect(screen.getByText(/^Given Nov/).getAttribute('href')).toBe('/messages/m1');
    expect(screen.getByText('Winback').getAttribute('href')).toBe('/campaigns/c1');
    fireEvent.click(screen.getByText('Show more'));
    expect(await screen.findByText('Not shown')).toBeTruthy();
    expect(asked.filter(({ pathname }) => pathname === CODES)).toHaveLength(2);
    expect(document.querySelector('[data-sum="issued"] dd')?.textContent).toBe('120');
  });

  it('narrows by state and by how soon they end', async () => {
    const asked = serve({ [CODES]: page([code()]), '/api/campaigns': { campaigns: [], next_cursor: null } });
    open('/codes?campaign=c1');
    await screen.findByText('WIN7K2M9QXD');
    const last = () => asked.filter(({ pathname }) => pathname === CODES).at(-1)?.searchParams;
    expect(last()?.get('campaign')).toBe('c1');
    const state = select(1);
    state.value = 'redeemed';
    fireEvent.change(state);
    await waitFor(() => expect(last()?.get('state')).toBe('redeemed'));
    state.value = 'ending';
    fireEvent.change(state);
    await waitFor(() => expect([last()?.get('state'), last()?.get('ending_within')]).toEqual([null, '48']));
  });
});
