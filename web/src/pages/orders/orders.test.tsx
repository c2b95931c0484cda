import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { eur, order } from '../../test/fixtures';
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
          : { orders: [order], next_cursor: 'two', total: { orders: 2, net_sales: eur(15_930) } },
    });
    open('/orders');
    expect((await screen.findByText('#1001')).getAttribute('href')).toBe('/orders/5550001');
    // The order, and the sum of those shown.
    expect(screen.getAllByText('€79.65')).toHaveLength(2);
    expect(screen.getByText('Used the message’s code')).toBeTruthy();
    fireEvent.click(screen.getByText('Show more orders'));
    expect(await screen.findByText('#1000')).toBeTruthy();
    expect(screen.getByText('#1001')).toBeTruthy();
    expect(screen.getByText('All 2 orders')).toBeTruthy();
    expect(document.querySelector('.orders-total')?.textContent).toBe('2 orders, net sales €159.30');
    expect(asked).toHaveLength(2);
  });

  it('narrows to a line by the field', async () => {
    const asked = serve({ [ORDERS]: { orders: [order], next_cursor: null } });
    open('/orders?days=7');
    await screen.findByText('#1001');
    const field = document.querySelector('s-select') as HTMLElement & { value: string };
    const control = field.shadowRoot?.querySelector('select') as HTMLSelectElement;
    control.value = 'line:attributed_shared';
    fireEvent.change(control);
    await waitFor(() => expect(asked.at(-1)?.searchParams.get('line')).toBe('attributed_shared'));
  });

  it('lists exactly what a number counts, and can be widened again', async () => {
    const asked = serve({ [ORDERS]: { orders: [order], next_cursor: null, total: { orders: 1, net_sales: eur(7_965) } } });
    open('/orders?measure=attributed&days=7');
    await screen.findByText('#1001');
    expect(asked[0]?.searchParams.get('measure')).toBe('attributed');
    const field = document.querySelector('s-select') as HTMLElement & { value: string };
    const control = field.shadowRoot?.querySelector('select') as HTMLSelectElement;
    expect(control.value).toBe('measure:attributed');
    control.value = '';
    fireEvent.change(control);
    await waitFor(() => expect(asked.at(-1)?.searchParams.get('measure')).toBeNull());
  });

  it('keeps days and filters on the way to an order and back, and between pages', async () => {
    const asked = serve({ [ORDERS]: { orders: [order], next_cursor: null }, '/api/orders/5550001/receipt': PENDING, '/api/reports/links': PENDING });
    open('/orders?measure=strong&from=2026-10-01&to=2026-10-31');
    fireEvent.click(await screen.findByText('#1001'));
    await waitFor(() => expect(document.querySelector('s-page')?.getAttribute('heading')).toBe('Order'));
    const before = asked.length;
    fireEvent.click(screen.getByText('← Orders'));
    await screen.findByText('#1001');
    expect(document.querySelector('s-select')?.shadowRoot?.querySelector('select')?.value).toBe('measure:strong');
    fireEvent.click(screen.getByText('Links'));
    await waitFor(() => expect(asked.at(-1)?.pathname).toBe('/api/reports/links'));
    expect(asked.at(-1)?.search).toBe('?from=2026-10-01&to=2026-10-31');
    expect(asked.slice(before).some((url) => url.pathname === ORDERS && url.searchParams.get('from') !== '2026-10-01')).toBe(false);
  });

  it('opens an order without leaving the page', async () => {
    serve({ [ORDERS]: { orders: [order], next_cursor: null }, '/api/orders/5550001/receipt': PENDING });
    open('/orders');
    await waitFor(() => expect(document.title).toBe('Orders · Recoup'));
    fireEvent.click(await screen.findByText('#1001'));
    await waitFor(() => expect(document.querySelector('s-page')?.getAttribute('heading')).toBe('Order'));
    await waitFor(() => expect(document.title).toBe('Order · Recoup'));
  });
});
