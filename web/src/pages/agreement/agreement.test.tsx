import { fireEvent, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Agreement, AgreementDay } from '../../api/types';
import { chooseLocale } from '../../lib/locale';
import { eur } from '../../test/fixtures';
import { open, refusal, serve } from '../../test/render';
import { LANGUAGES, speak } from '../../words';

const PATH = '/api/reports/agreement';

const day = (over: Partial<AgreementDay>): AgreementDay => ({
  day: '2026-11-21',
  verdict: 'agrees',
  agrees: true,
  sentence: 'Agrees with Shopify to the cent.',
  shopify: eur(10_000),
  ours: eur(10_000),
  lines: [],
  unexplained: eur(0),
  read_at: '2026-11-22T01:00:00Z',
  orders: null,
  ...over,
});

const red = day({
  day: '2026-11-22',
  verdict: 'differs',
  agrees: false,
  sentence: 'Here it is 79.00 more than Shopify says, and nothing explains it.',
  shopify: eur(0),
  ours: eur(7_900),
  unexplained: eur(7_900),
  orders: [{ shopify_order_id: '5550001', name: '#1001', booked: eur(7_900), suspicion: 'same_amount', sentence: 'Exactly the difference.' }],
});

const agreement: Agreement = {
  from: '2026-11-21',
  to: '2026-11-22',
  time_zone: 'Europe/Vienna',
  currency: 'EUR',
  standing: 'read',
  sentence: 'All 1 days that can be compared agree with Shopify to the cent.',
  allow_at: null,
  read_at: '2026-11-23T01:00:00Z',
  trouble: null,
  complete_through: '2026-11-23T00:00:00Z',
  sums: {
    days: 1,
    agree: 1,
    differ: 0,
    other: 0,
    shopify: eur(12_000),
    ours: eur(10_000),
    lines: [{ line: 'subscription_renewals', title: 'Subscription renewals', why: 'Left out.', orders: 1, amount: eur(-2_000) }],
    unexplained: eur(0),
  },
  days: [day({})],
};

const speakIn = (locale: string) => speak(chooseLocale(LANGUAGES, `?locale=${locale}`));

afterEach(() => speakIn('en-US'));

describe('agreement', () => {
  it('says how to allow what is missing', async () => {
    const allow = 'https://admin.shopify.com/store/alpenglow/oauth/install?client_id=1&optional_scopes=read_reports';
    serve({ [PATH]: { ...agreement, standing: 'scope_missing', sentence: 'With the optional permission …', allow_at: allow } });
    open('/agreement');
    expect((await screen.findByText('Allow it in Shopify')).getAttribute('href')).toBe(allow);
    expect(screen.queryByText('Day by day')).toBeNull();
  });

  it('shows each day and what explains the difference', async () => {
    serve({ [PATH]: agreement });
    open('/agreement');
    expect(await screen.findByText('Agrees')).toBeTruthy();
    expect(screen.getByText('€120.00')).toBeTruthy();
    expect(screen.queryByText('Read these orders again')).toBeNull();
  });

  it('names the orders of a red day and reads them again', async () => {
    const asked = serve({
      [PATH]: { ...agreement, days: [day({}), red] },
      [`POST ${PATH}/2026-11-22/read-again`]: { orders: 1 },
    });
    open('/agreement');
    expect((await screen.findByText('#1001')).getAttribute('href')).toBe('/orders/5550001');
    fireEvent.click(screen.getByText('Read these orders again'));
    expect(await screen.findByText(/The sales of 1 order are being read again/)).toBeTruthy();
    expect(asked.some((url) => url.pathname.endsWith('/2026-11-22/read-again'))).toBe(true);
  });

  it('fails with the request id', async () => {
    serve({ [PATH]: refusal });
    open('/agreement');
    expect(await screen.findByText('req-42')).toBeTruthy();
  });

  it('speaks German', async () => {
    await speakIn('de-DE');
    serve({ [PATH]: { ...agreement, days: [day({}), red] }, [`POST ${PATH}/2026-11-22/read-again`]: { orders: 2 } });
    open('/agreement');
    expect(await screen.findByText('Stimmt überein')).toBeTruthy();
    expect(screen.getByText(/Vollständig bis 23\.11\.2026, 01:00\. Shopifys Zahlen gelesen:/)).toBeTruthy();
    fireEvent.click(screen.getByText('Diese Bestellungen noch einmal lesen'));
    expect(await screen.findByText(/Die Umsätze von 2 Bestellungen werden noch einmal gelesen/)).toBeTruthy();
  });
});
