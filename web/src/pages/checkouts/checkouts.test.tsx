import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { checkoutRow } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';

const LIST = '/api/checkouts';

describe('abandoned checkouts', () => {
  it('waits with a skeleton', () => {
    serve({ [LIST]: PENDING });
    open('/checkouts');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('says when no checkout lies quiet', async () => {
    serve({ [LIST]: { checkouts: [], next_cursor: null } });
    open('/checkouts');
    expect(await screen.findByText('No checkout lies quiet')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ [LIST]: refusal });
    open('/checkouts');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('lists what each is worth and leads to its story', async () => {
    const asked = serve({ [LIST]: { checkouts: [checkoutRow], next_cursor: null } });
    const { container } = open('/checkouts?state=open');
    expect(await screen.findByText('By phone')).toBeTruthy();
    expect(screen.getByText('All 1 checkout')).toBeTruthy();
    expect(container.querySelector('s-link[href="/checkouts/0123456789abcdef"]')).toBeTruthy();
    expect(asked.at(-1)?.searchParams.get('state')).toBe('open');
  });
});
