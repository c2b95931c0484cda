import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { open, PENDING, refusal, serve } from '../test/render';

const PATH = '/api/search';
const hit = (kind: string, id: string, name: string, over: object = {}) => ({ kind, id, name, at: '2026-11-21T10:00:00Z', campaign_id: null, held_out: false, ...over });
const result = {
  hits: [
    hit('order', '5550001', '#1042'),
    hit('code', 'WIN7K2M9QXD', 'WIN7K2M9QXD', { campaign_id: 'c1' }),
    hit('message', 'm1', 'Winback', { campaign_id: 'c1' }),
    hit('message', 'm2', 'Winback', { campaign_id: 'c1', held_out: true }),
    hit('checkout', 'tok/1', 'tok/1'),
    hit('campaign', 'c1', 'Winback', { at: null, campaign_id: 'c1' }),
  ],
  more: false,
};
const type = (text: string) => fireEvent.change(screen.getByRole('searchbox', { name: 'Search' }), { target: { value: text } });

describe('the search', () => {
  it('is on every page and leads to what is found', async () => {
    const asked = serve({ [PATH]: result, '/api/health': PENDING });
    open('/health');
    type('  1042 ');
    expect((await screen.findByText('#1042')).closest('a')?.getAttribute('href')).toBe('/orders/5550001');
    expect([...document.querySelectorAll('.search-found a')].map((link) => link.getAttribute('href'))).toEqual([
      '/orders/5550001', '/campaigns/c1?code=WIN7K2M9QXD', '/messages/m1', '/campaigns/c1', '/checkouts/tok%2F1', '/campaigns/c1',
    ]);
    expect(asked.filter((url) => url.pathname === PATH).map((url) => url.searchParams.get('q'))).toEqual(['1042']);
    await waitFor(() => expect(screen.getByText('6 hits')).toBeTruthy());
    fireEvent.keyDown(screen.getByRole('searchbox'), { key: 'Escape' });
    expect(document.querySelector('.search-found')).toBeNull();
  });

  it('goes to the first by Enter', async () => {
    serve({ [PATH]: result, '/api/health': PENDING, '/api/orders/5550001/receipt': refusal });
    open('/health');
    type('#1042');
    await screen.findByText('#1042');
    fireEvent.submit(screen.getByRole('search'));
    expect(await screen.findByText('They will be back within a minute.')).toBeTruthy();
    expect(document.querySelector('.search-found')).toBeNull();
  });

  it('says when nothing has that name, and when it failed', async () => {
    serve({ [PATH]: (url: URL) => (url.searchParams.get('q') === 'x' ? refusal : { hits: [], more: false }), '/api/health': PENDING });
    open('/health');
    type('nobody');
    expect(await screen.findByText(/Nothing has the name “nobody”/)).toBeTruthy();
    type('x');
    expect(await screen.findByText('They will be back within a minute.')).toBeTruthy();
  });
});
