import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { campaign } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';

const CAMPAIGNS = '/api/campaigns';

describe('campaigns', () => {
  it('waits with a skeleton', () => {
    serve({ [CAMPAIGNS]: PENDING });
    open('/campaigns');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('says in one sentence what a campaign is, and how to make the first', async () => {
    serve({ [CAMPAIGNS]: { campaigns: [], next_cursor: null } });
    open('/campaigns');
    expect(await screen.findByText('No campaigns yet')).toBeTruthy();
    expect(screen.getByText('Make the first one').getAttribute('href')).toBe('/campaigns/new');
  });

  it('fails with the request id', async () => {
    serve({ [CAMPAIGNS]: refusal });
    open('/campaigns');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('lists each with its rates and its codes, and asks for more by cursor', async () => {
    serve({
      [CAMPAIGNS]: (url: URL) =>
        url.searchParams.get('cursor') === 'two'
          ? { campaigns: [{ ...campaign, id: 'c2', name: 'Thank-you' }], next_cursor: null }
          : { campaigns: [campaign], next_cursor: 'two' },
    });
    open('/campaigns');
    expect(await screen.findByText('Winback')).toBeTruthy();
    expect(screen.getByText('89% of links')).toBeTruthy();
    expect(screen.getByText('420 codes ready')).toBeTruthy();
    expect(screen.getByText('90 of 450 codes out')).toBeTruthy();
    expect(screen.getByText('Live')).toBeTruthy();
    expect(screen.getByText('Winback').getAttribute('href')).toBe('/campaigns/c1');
    expect(screen.getByText('10% held out to compare (10 people)')).toBeTruthy();
    fireEvent.click(screen.getByText('Show more campaigns'));
    expect(await screen.findByText('Thank-you')).toBeTruthy();
  });

  it('marks what needs somebody', async () => {
    const trouble = { since: '2026-11-20T00:00:00Z', field: 'offer', words: 'Shopify refuses the discount.' };
    const rows = [{ ...campaign, open_alarms: 2, trouble }, { ...campaign, id: 'c2', name: 'Old', archived_at: '2026-11-10T00:00:00Z' }];
    serve({ [CAMPAIGNS]: { campaigns: rows, next_cursor: null } });
    open('/campaigns');
    expect(await screen.findByText('Trouble at Shopify')).toBeTruthy();
    expect(screen.getByText('Shopify refuses the discount.')).toBeTruthy();
    expect(screen.getByText('2 leak alarms')).toBeTruthy();
    expect(screen.getByText('Archived')).toBeTruthy();
  });
});
