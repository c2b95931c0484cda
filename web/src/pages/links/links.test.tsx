import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { linksReport } from '../../test/fixtures';
import { open, PENDING, refusal, serve } from '../../test/render';

const LINKS = '/api/reports/links';

describe('links', () => {
  it('waits with a skeleton', () => {
    serve({ [LINKS]: PENDING });
    open('/links');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('says when nobody opened a link', async () => {
    const total = { ...linksReport.total, raw: 0, heads: 0, taps: 0, visits: 0, machines: [] };
    serve({ [LINKS]: { ...linksReport, total, orders: 0, campaigns: [], links: [], next_cursor: null } });
    open('/links');
    expect(await screen.findByText('Nobody opened a link in these days')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ [LINKS]: refusal });
    open('/links');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('shows people and machines apart, each with its reason, and asks for more by cursor', async () => {
    const asked = serve({
      [LINKS]: (url: URL) =>
        url.searchParams.get('cursor') === 'two'
          ? { ...linksReport, links: [{ ...linksReport.links[0], message_id: 'm2', campaign: { id: 'c2', name: 'Thank-you' } }], next_cursor: null }
          : linksReport,
    });
    const { container } = open('/links?campaign=c1&days=7');
    expect(await screen.findByText('of 40 hits in all (63%)')).toBeTruthy();
    expect(container.querySelector('[data-count="machines"] b')?.textContent).toBe('15');
    expect(screen.getByText('Fetched in advance')).toBeTruthy();
    expect(screen.getByText(/Besides, link checkers asked 2 times/)).toBeTruthy();
    expect(container.querySelector('s-link[href="/messages/m1"]')).toBeTruthy();
    expect(asked[0]?.searchParams.get('campaign')).toBe('c1');
    const row = (name: string): string | null | undefined => screen.getByText(name).closest('tr')?.textContent;
    expect(row('Taps on the link')).toBe('Taps on the link2519');
    expect(row('Read')).toBe('Read61not told');
    expect(screen.getByText('We counted 6 more taps than Meta.')).toBeTruthy();
    expect(screen.getByText(/2 templates, 2 days, last told/).textContent).toContain('Meta charged €5.77.');
    expect(screen.getByText(/Both columns count from/).textContent).toContain('until Nov 22');
    fireEvent.click(screen.getByText('Show more links'));
    expect(await screen.findByText('Thank-you')).toBeTruthy();
  });

  it('says when nobody handed in what Meta counts of templates', async () => {
    const templates = { ...linksReport.witness.templates, told_at: null, url_clicks: null, sentence: 'Not told: nobody handed it in.' };
    serve({ [LINKS]: { ...linksReport, witness: { ...linksReport.witness, templates } } });
    open('/links');
    expect(await screen.findByText('Not told: nobody handed it in.')).toBeTruthy();
    expect(screen.queryByText('Taps on the link')).toBeNull();
  });
});
