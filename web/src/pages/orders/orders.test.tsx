import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { order } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';

const ORDERS = '/api/orders';

describe('orders', () => {
  it('waits with a skeleton', () => {
    serve({ [ORDERS]: PENDING });
    open('/orders');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('says which line is empty', async () => {
    serve({ [ORDERS]: { orders: [], next_cursor: null } });
    open('/orders?line=pending');
    expect(await screen.findByText('No order on the line “Waiting for payment” in these days')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ [ORDERS]: refusal });
    open('/orders');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('lists orders and asks for more by cursor', async () => {
    const asked = serve({
      [ORDERS]: (url: URL) =>
        url.searchParams.get('cursor') === 'two'
          ? { orders: [{ ...order, shopify_order_id: '2', name: '#1000' }], next_cursor: null }
          : { orders: [order], next_cursor: 'two' },
    });
    open('/orders');
    expect((await screen.findByText('#1001')).getAttribute('href')).toBe('/orders/5550001');
    expect(screen.getByText('€79.65')).toBeTruthy();
    expect(screen.getByText('Used the message’s code')).toBeTruthy();
    fireEvent.click(screen.getByText('Show more orders'));
    expect(await screen.findByText('#1000')).toBeTruthy();
    expect(screen.getByText('#1001')).toBeTruthy();
    expect(screen.getByText('All 2 orders')).toBeTruthy();
    expect(asked).toHaveLength(2);
  });

  it('narrows to a line by the field', async () => {
    const asked = serve({ [ORDERS]: { orders: [order], next_cursor: null } });
    open('/orders?days=7');
    await screen.findByText('#1001');
    const field = document.querySelector('s-select') as HTMLElement & { value: string };
    const control = field.shadowRoot?.querySelector('select') as HTMLSelectElement;
    control.value = 'attributed_shared';
    fireEvent.change(control);
    await waitFor(() => expect(asked.at(-1)?.searchParams.get('line')).toBe('attributed_shared'));
  });

  it('opens an order without leaving the page', async () => {
    serve({ [ORDERS]: { orders: [order], next_cursor: null }, '/api/orders/5550001/receipt': PENDING });
    open('/orders');
    fireEvent.click(await screen.findByText('#1001'));
    await waitFor(() => expect(document.querySelector('s-page')?.getAttribute('heading')).toBe('Order'));
  });
});
