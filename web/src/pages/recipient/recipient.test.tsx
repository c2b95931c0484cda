import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { life } from '../../test/lists';
import { open, PENDING, Refusal, refusal, serve } from '../../test/render';

const PATH = '/api/recipients/r1';
const CONTACT = `POST ${PATH}/contact`;

describe('a recipient', () => {
  it('waits, fails, and says when nobody is known by that address', async () => {
    serve({ [PATH]: PENDING });
    open('/recipients/r1');
    expect(screen.getByText('Loading…')).toBeTruthy();
    serve({ [PATH]: refusal });
    open('/recipients/r1');
    expect(await screen.findByText('req-42')).toBeTruthy();
    serve({ [PATH]: new Refusal(404, { title: 'Not found', status: 404, code: 'not_found', detail: 'Nothing.' }) });
    open('/recipients/r1');
    expect(await screen.findByText('This recipient is not known here')).toBeTruthy();
  });

  it('tells what happened in order, and what it came to', async () => {
    serve({ [PATH]: life() });
    open('/recipients/r1');
    expect(await screen.findByText('Wants no more marketing')).toBeTruthy();
    const steps = [...document.querySelectorAll('.life strong')].map((step) => step.textContent);
    expect(steps).toEqual(['Left alone', 'Delivered', 'No more marketing', 'Ordered']);
    expect(document.querySelector('[data-sum="orders"]')?.textContent).toContain('€159.30');
    expect(screen.getByText('Order #1042').getAttribute('href')).toBe('/orders/5550001');
    expect(screen.getByText('Left alone by this campaign')).toBeTruthy();
    expect(screen.getByText('The checkout’s story').getAttribute('href')).toBe('/checkouts/tok%2F1');
  });

  it('shows the contact only when somebody presses for it, and says that this is written down', async () => {
    const asked = serve({
      [PATH]: life(),
      [CONTACT]: { platform_key: 'crm-77', phone: '+436601234567', whatsapp_user_id: null, email: null, noted_at: '2026-11-24T09:00:00Z', noted_as: 'merchant 42' },
    });
    open('/recipients/r1');
    const press = await screen.findByText('Show the contact');
    expect(asked.map(({ pathname }) => pathname)).toEqual([PATH]);
    expect(document.body.textContent).not.toContain('+43660');
    fireEvent.click(press);
    expect(await screen.findByText('+436601234567')).toBeTruthy();
    expect(screen.getByText(/^That you looked was written down/)).toBeTruthy();
  });

  it('has nothing to open of whom it forgot', async () => {
    serve({ [PATH]: life({ contact_kept: false, forgotten_at: '2026-11-23T09:00:00Z' }) });
    open('/recipients/r1');
    expect(await screen.findByText(/No longer kept/)).toBeTruthy();
    expect(screen.queryByText('Show the contact')).toBeNull();
  });
});
