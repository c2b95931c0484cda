import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { FailedJob, Health } from '../../api/types';
import { formatAgo } from '../../lib/dates';
import { chooseLocale } from '../../lib/locale';
import { open, PENDING, refusal, Refusal, serve } from '../../test/render';
import { LANGUAGES, speak } from '../../words';

const HEALTH = '/api/health';
const RETRY = 'POST /api/health/jobs/j1/retry';

const job: FailedJob = {
  id: 'j1',
  kind: 'codes.fill',
  sentence: 'Keeping codes ready at Shopify failed: Shopify says no since 2026-11-22T08:00:00Z.',
  attempts: 5,
  promised_at: '2026-11-22T07:00:00Z',
  failed_at: '2026-11-22T08:00:00Z',
};

const well: Health = {
  standing: 'well',
  sources: [
    { source: 'webhooks', standing: 'well', sentence: 'Shopify’s webhooks come in and are recorded.', heard_at: '2026-11-22T10:57:00Z', lag_seconds: 180 },
    { source: 'catch_up', standing: 'well', sentence: 'Everything Shopify knows has been compared and is here.', heard_at: '2026-11-22T09:00:00Z', lag_seconds: 7_200 },
    { source: 'pixel', standing: 'waiting', sentence: 'The pixel is being switched on.', heard_at: null, lag_seconds: null },
  ],
  gaps: [],
  pools: [
    { campaign_id: 'c1', campaign: 'Winback', standing: 'well', sentence: '420 codes are ready.', ready: 420, low_water: 100, ends_at: '2026-11-24T11:00:00Z' },
  ],
  failed_jobs: [],
};

const ill: Health = {
  ...well,
  standing: 'attention',
  gaps: [
    { source: 'orders', open: true, sentence: 'Shopify has not answered since yesterday.', found: 0, found_at: null },
    { source: 'checkouts', open: false, sentence: '3 states that no webhook told were missing; they have been fetched.', found: 3, found_at: '2026-11-22T09:00:00Z' },
  ],
  failed_jobs: [job],
};

const row = (text: string): string | null | undefined => screen.getByText(text, { selector: 'li *' }).closest('li')?.textContent;
const dialog = () => document.querySelector('s-modal');
const again = () => document.querySelector('.health-list s-button') as HTMLElement;
const confirm = (): void => void fireEvent.click(dialog()?.querySelector('[slot="primary-action"]') as HTMLElement);
const speakIn = (locale: string) => speak(chooseLocale(LANGUAGES, `?locale=${locale}`));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T11:00:00Z') });
  return () => vi.useRealTimers();
});
afterEach(() => speakIn('en-US'));

describe('health', () => {
  it('waits with a skeleton', () => {
    serve({ [HEALTH]: PENDING });
    open('/health');
    expect(screen.getByText('Loading…')).toBeTruthy();
  });

  it('fails with the request id', async () => {
    serve({ [HEALTH]: refusal });
    open('/health');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('says that everything is well, and when each source was heard', async () => {
    serve({ [HEALTH]: well });
    open('/health');
    expect(await screen.findByText('Everything is well')).toBeTruthy();
    expect(document.title).toBe('Health · Recoup');
    expect(row('Shopify’s webhooks')).toMatch(/Well.*recorded\.Last heard 3 minutes ago, Nov 22, 2026/);
    expect(row('Comparison with Shopify’s lists')).toMatch(/Complete through Nov 22, 2026, 10:00.AM, 2 hours ago/);
    expect(row('Web pixel')).toMatch(/Waiting.*Nothing heard yet/);
    expect(row('Winback')).toMatch(/420 codes are ready\.Filled again below 100/);
    expect(screen.getByText('Winback').getAttribute('href')).toBe('/campaigns/c1');
    expect(screen.getByText('No gap was found so far.')).toBeTruthy();
    expect(screen.getByText(/None\. Every job was done/)).toBeTruthy();
    expect(document.querySelector('.shell-bar a[href="/health"]')).toBeTruthy();
  });

  it('says what needs a look', async () => {
    serve({ [HEALTH]: ill });
    open('/health');
    await waitFor(() => expect(document.querySelector('s-banner[heading="Something needs a look"]')).toBeTruthy());
    expect(row('Orders')).toMatch(/May still be missing/);
    expect(row('Checkouts')).toMatch(/Fetched.*Last fetched Nov 22/);
    const failed = screen.getByText(/Keeping codes ready at Shopify failed: Shopify says no since Nov 22, 2026/).closest('li');
    expect(failed?.textContent).toMatch(/Given up 3 hours ago, .*, after 5 tries\. In the log: codes\.fill/);
  });

  it('tries a failed job again after a question, and says so', async () => {
    let answer: Health = ill;
    const asked = serve({
      [HEALTH]: () => answer,
      [RETRY]: () => {
        answer = well;
        return { id: 'j1', kind: 'codes.fill' };
      },
    });
    open('/health');
    await screen.findByText('Orders', { selector: 'strong' });
    fireEvent.click(again());
    expect(dialog()?.textContent).toContain('Nothing is done twice.');
    expect(asked.filter((url) => url.pathname.endsWith('/retry'))).toEqual([]);
    confirm();
    const note = await screen.findByText(/The job that was given up Nov 22, 2026.* is being tried again/);
    await waitFor(() => expect(document.activeElement).toBe(note));
    expect(dialog()).toBeNull();
    expect(await screen.findByText('Everything is well')).toBeTruthy();
    expect(again()).toBeNull();
  });

  it('cannot be asked twice while a try is on its way', async () => {
    serve({ [HEALTH]: ill, [RETRY]: PENDING });
    open('/health');
    await screen.findByText('Orders', { selector: 'strong' });
    fireEvent.click(again());
    confirm();
    await waitFor(() => expect(again().hasAttribute('disabled')).toBe(true));
    expect(dialog()?.querySelector('[slot="primary-action"]')?.hasAttribute('loading')).toBe(true);
  });

  it('says why a job is not tried again', async () => {
    const conflict = new Refusal(409, { title: 'Conflict', status: 409, code: 'not_set_aside', detail: 'This job was not set aside: it is tried by itself.' });
    serve({ [HEALTH]: ill, [RETRY]: conflict });
    open('/health');
    await screen.findByText('Orders', { selector: 'strong' });
    fireEvent.click(again());
    confirm();
    expect(await screen.findByText('This job was not set aside: it is tried by itself.')).toBeTruthy();
    expect(dialog()).toBeTruthy();
  });

  it('speaks German', async () => {
    await speakIn('de-DE');
    expect([formatAgo(0), formatAgo(180), formatAgo(200_000)]).toEqual(['vor 0 Sekunden', 'vor 3 Minuten', 'vor 2 Tagen']);
    serve({ [HEALTH]: well });
    open('/health');
    expect(await screen.findByText('Alles ist in Ordnung')).toBeTruthy();
    expect(row('Shopifys Webhooks')).toMatch(/Zuletzt gehört vor 3 Minuten, 22\.11\.2026/);
  });
});
