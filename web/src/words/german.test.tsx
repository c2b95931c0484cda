import { fireEvent, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fromThrown } from '../api/problem';
import { formatSpan } from '../lib/dates';
import { chooseLocale } from '../lib/locale';
import { formatMoney } from '../lib/money';
import { counted } from '../lib/rates';
import { compared, eur, ledger, policies, policyPreview, receipt, summary } from '../test/fixtures';
import { open, serve } from '../test/render';
import { LANGUAGES, speak, words } from './index';

const choose = (search: string) => chooseLocale(LANGUAGES, search);

beforeEach(() => sessionStorage.clear());
afterEach(async () => {
  sessionStorage.clear();
  await speak(chooseLocale(LANGUAGES, '?locale=en-US'));
});

describe('the language', () => {
  it('is the admin’s, and stays for later addresses of the tab', () => {
    expect(choose('?shop=a.myshopify.com&locale=de-AT')).toBe('de-AT');
    expect(choose('?days=7')).toBe('de-AT');
    expect(choose('?locale=de')).toBe('de');
  });

  it('is the browser’s outside the admin, the first that we speak, else English', () => {
    vi.stubGlobal('navigator', { languages: ['fr-FR', 'de-CH', 'en'] });
    expect(choose('')).toBe('de-CH');
    vi.stubGlobal('navigator', { languages: ['fr-FR'] });
    expect(choose('')).toBe('en-US');
    expect(choose('?locale=%25%25')).toBe('en-US');
  });

  it('is one for words, numbers and the document', async () => {
    await speak(choose('?locale=de-DE'));
    expect(document.documentElement.lang).toBe('de');
    expect([counted(1, words.counts.order), counted(2_400, words.counts.order)]).toEqual(['1 Bestellung', '2.400 Bestellungen']);
    expect(formatMoney(eur(123_450))).toBe('1.234,50\u00a0€');
    expect(formatSpan(97_200)).toBe('1 Tag 3 Stunden');
    expect(fromThrown(new Error('x')).title).toBe('Recoup ist nicht erreichbar');
  });
});

// Words of English that no German sentence has.
const ENGLISH = /\b(the|of|and|is|are|which|that|this|from|has|been|with|every|orders|people|days|shopper|Attributed|Net sales|Campaign)\b/;

describe('pages in German', () => {
  beforeEach(() => speak(choose('?locale=de-DE')));

  it('draw the overview with no word of English', async () => {
    serve({ '/api/reports/summary': summary, '/api/reports/ledger': ledger, '/api/codes/alarms': { alarms: [], next_cursor: null } });
    open('/');
    expect(await screen.findByText('Nettoumsatz', { selector: 'h2' })).toBeTruthy();
    expect(await screen.findByText('Nachrichten zugeordnet')).toBeTruthy();
    expect(document.body.textContent).not.toMatch(ENGLISH);
    expect(document.title).toBe('Übersicht · Recoup');
    expect(screen.getByText(/Shopifys eigenes Verkaufsbuch ist von 43 der 44 Bestellungen bekannt\. Es stimmt mit den Webhooks überein\./)).toBeTruthy();
  });

  it('draw an order and the form of a policy', async () => {
    serve({ [`/api/orders/${receipt.order.shopify_order_id}/receipt`]: receipt });
    const page = open(`/orders/${receipt.order.shopify_order_id}`);
    expect(await screen.findByText('In Shopify öffnen')).toBeTruthy();
    expect(screen.getByText(/Diese Bestellung geht auf die Kampagne „Winback“ zurück/)).toBeTruthy();
    expect(screen.getAllByText(/insgesamt 30,00\s€ erstattet/).length).toBeGreaterThan(0);
    expect(document.body.textContent).not.toMatch(ENGLISH);
    page.unmount();
    serve({ '/api/policies': policies, '/api/reports/policies': compared, 'POST /api/policies/preview': policyPreview });
    open('/policies');
    expect(await screen.findByText('Ihr Shop')).toBeTruthy();
    expect(screen.getByText(/Eine Bestellung wird zugeordnet durch: Rabattcode der Nachricht eingelöst \(Zeitfenster: 1 Tag\)\./)).toBeTruthy();
    fireEvent.click(screen.getByText('Eigenes Regelwerk anlegen'));
    expect(await screen.findByText('Speichern und sehen, was sich ändern würde')).toBeTruthy();
  });
});
