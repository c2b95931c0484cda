// The server's own source against its translation. Nothing a merchant reads is missing, and nothing is translated that nobody says.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { words as english } from '../en';
import { said as german } from './de';
import { languageOf, PLACE } from './index';

const ROOT = join(import.meta.dirname, '../../../../src');

/** Where the server speaks to merchants: every text of three words or more in these files is translated, or is none for them. */
const SPEAK = [
  'attribution/derive.rs', 'attribution/dossier.rs', 'attribution/line.rs', 'attribution/presets.rs', 'attribution/stage.rs', 'attribution/standard.rs', 'attribution/survey.rs',
  ...['checkout', 'click_attribute', 'click_session', 'mod', 'person_click', 'person_delivered', 'person_read', 'redeem_code'].map((kind) => `attribution/evidence/${kind}.rs`),
  'attribution/journey/channel.rs', 'attribution/journey/mod.rs', 'attribution/journey/origin.rs', 'orders/difference.rs',
  'reports/checkout.rs', 'reports/code_lookup.rs', 'reports/journey.rs', 'reports/kpis/by_code.rs', 'reports/kpis/groups.rs', 'reports/kpis/mod.rs', 'reports/messages/life.rs', 'reports/messages/contact.rs', 'reports/pixel.rs', 'reports/receipt.rs', 'reports/sales_book.rs', 'reports/templates.rs', 'reports/timeline.rs', 'reports/witness.rs',
  'reports/agreement/compare.rs', 'reports/agreement/routes.rs', 'reports/agreement/suspects.rs',
  'campaigns/sentence.rs', 'catchup/admin_session.rs', 'catchup/routes.rs', 'codes/leaks/alarm.rs', 'codes/shopify/drift/compare.rs', 'codes/shopify/drift/notice.rs', 'codes/shopify/desired.rs',
  'files/make.rs', 'files/store.rs', 'health/setup.rs', 'health/shop.rs', 'health/words.rs', 'http/reach.rs', 'jobs/claim.rs', 'links/classify/reason.rs', 'links/domain.rs', 'messages/replace.rs',
  // What is refused to a merchant at the page.
  'attribution/routes.rs', 'attribution/policy.rs', 'codes/routes.rs', 'campaigns/arms.rs', 'campaigns/change.rs', 'campaigns/conditions.rs', 'campaigns/link_terms.rs', 'campaigns/offer.rs', 'campaigns/terms.rs', 'campaigns/routes.rs', 'files/routes.rs', 'links/settings/routes.rs', 'lift/pool.rs', 'lift/routes.rs', 'lift/sentence.rs', 'messages/rates/routes.rs', 'privacy/forget.rs', 'privacy/fulfil.rs', 'privacy/person.rs', 'reports/codes/routes.rs', 'reports/messages/routes.rs', 'reports/period.rs', 'reports/routes.rs', 'reports/search/routes.rs', 'shops/call.rs', 'shops/keys.rs', 'shops/routes.rs', 'sinks/routes.rs',
  'pixel/switch.rs', 'pixel/web_pixel.rs', 'privacy/retention.rs', 'privacy/routes.rs', 'shops/install_error.rs', 'sinks/deliver.rs', 'sinks/gone.rs', 'tombstones/routes.rs', 'whatsapp/failure.rs',
];

/** Rust's string literals, with what stands before each. */
const literalsOf = (source: string): [before: string, text: string][] => {
  const found: [string, string][] = [];
  const token = /\/\/[^\n]*|r(#*)"([\s\S]*?)"\1|"((?:\\[\s\S]|[^"\\])*)"|'(?:\\.[^']*|[^'\\])'/g;
  for (const match of source.matchAll(token)) {
    const raw = match[2] ?? match[3];
    if (raw === undefined) continue;
    const text = match[3] === undefined ? raw : raw.replace(/\\\n\s*/g, '').replace(/\\(["'\\n])/g, (_, one: string) => (one === 'n' ? '\n' : one));
    found.push([source.slice(Math.max(0, match.index - 400), match.index), text]);
  }
  return found;
};

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8').split('#[cfg(test)]')[0] ?? '';
// For programs and whoever runs one: logs, panics, SQL, attributes.
const INWARD = /(expect\(|error!\(|warn!\(|info!\(|debug!\(|context\(|assert\w*!\([^)]*|reason = |doc = |summary = |panic!\(|cust\(|cust_with_\w+\()\s*$/;
const isSaid = ([before, text]: [string, string]): boolean =>
  (text.match(/[A-Za-z’'-]{2,}/g)?.length ?? 0) >= 3 && !INWARD.test(before) && !/^(CAST|SELECT|COALESCE|CASE|https?:|\/api|[\w./{}:#%?=&-]+$)|String\(|::/.test(text) && !/\b(info|warn|error|debug)!\([^;]*$/.test(before);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const PLACES = /\{\{|\}\}|\{[^{}]*\}/g;
/** What a Rust text may come out as. */
const outcome = (written: string): RegExp => {
  const text = written.replace(/^[,;] /, '').replace(/\{\{(\w*)\}\}/g, '{$1}');
  let pattern = '';
  let last = 0;
  for (const match of text.matchAll(PLACES)) {
    pattern += escaped(text.slice(last, match.index)) + (match[0] === '{{' ? '\\{' : match[0] === '}}' ? '\\}' : '.*');
    last = match.index + match[0].length;
  }
  return new RegExp(`^${(pattern + escaped(text.slice(last))).trim()}$`, 's');
};
/** Whether one of the texts is it: whole if it is a sentence, as a part if it is one. */
const isAmong = (texts: string[], text: string): boolean => {
  const { source } = outcome(text);
  const told = new RegExp(text.endsWith('.') ? source : source.slice(1, -1), 's');
  return texts.some((one) => told.test(one));
};
const sentencesOf = (text: string): string[] => text.split(/(?<=\.|^\{\w+\}) (?=[\p{Lu}{])/u).filter((one) => /\w{3}/.test(one.replace(PLACES, '')));
const bare = (key: string): string => key.replace(PLACE, '…');

// Not of the merchant's page: what an exported file, an operator or the platform reads.
const NOT_HERE = [
  /^Net sales a recipient within the horizon/, // the page says itself what lift is of
  /^a survey of two has two sides|^`window_seconds` is missing|^rates\[|^Write an instant such as/, // of the API alone
  /^Without a (word for the message|step|destination|code)$|^Back to the checkout$|^Messages made before$|^Attributed to messages$|^Attributed, code used by somebody else$|^Not tied to any message$|^Not paid yet$/, // the page names lines itself
  /^Meta, |^the e-mail address is none|^Each|^Give each/, // where an explanation was read
  /hello-charles|helpdesk/,
  /^this installation has no Shopify credentials|^the shop has not installed|^a new token is being fetched|^Shopify gave no token|^Shopify did not describe|^the stored token/,
  /^Ask for 1 to 200 |^attachment; |^text\/plain|charset=/,
  /^the campaign's offer changed a moment ago|^the campaign has no offer|^the campaign's percentage/, // why a job tries again
];

const sources = new Map(SPEAK.map((file) => [file, literalsOf(read(file)).filter(isSaid).map(([, text]) => text.trim())]));
const keys = Object.keys(german).map(bare);

describe('what the server says', () => {
  it.each([...sources])('%s is translated', (_, texts) => {
    const isKnown = (text: string): boolean => isAmong(keys, text) || sentencesOf(text).every((one) => isAmong(keys, one));
    const missing = texts.filter((text) => !NOT_HERE.some((one) => one.test(text)) && !isKnown(text));
    expect(missing).toEqual([]);
  });

  it('is what is translated, and nothing else', () => {
    const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.rs') && !/^(cli|simulator)\b/.test(file));
    const texts = files.flatMap((file) => literalsOf(readFileSync(join(ROOT, file), 'utf8')).flatMap(([, text]) => [text, ...sentencesOf(text)]));
    const plain = new Set(texts.map((text) => text.replace(/^[,;] /, '').trim()));
    const filled = [...new Set(texts)].filter((text) => text.includes('{') && (text.replace(PLACES, '').match(/\w{2}/g)?.length ?? 0) > 0).map(outcome);
    // The words of HTTP itself, and what the page puts together: a text of many ends in one of them.
    const HTTP = new Set(['Bad Request', 'Unauthorized', 'Forbidden', 'Not Found', 'Method Not Allowed', 'Conflict', 'Gone', 'Payload Too Large', 'Unprocessable Entity', 'Too Many Requests', 'Internal Server Error', 'Service Unavailable']);
    const isSpoken = (key: string): boolean => [key, key.replace(/^… /, ''), key.replace(/ …\.?$/, '')].some((part) => plain.has(part) || filled.some((text) => text.test(part)));
    const isSpan = (key: string): boolean => /^(\{n\}|1|a) (day|hour|minute|second)s?( \{rest!\})?$/.test(key);
    expect(Object.keys(german).filter((key) => /\w{3}/.test(key.replace(PLACE, '')) && !HTTP.has(key) && !isSpan(key) && !isSpoken(bare(key)))).toEqual([]);
  }, 20_000);

  it('is said of indicators as the page says it', () => {
    const texts = new Set(literalsOf(read('reports/kpis/figure.rs')).map(([, text]) => text));
    const shown = Object.values(english.kpis.of).flatMap(({ title, definition, note }) => [title, definition, note].filter((text) => text !== ''));
    expect(shown.filter((text) => !texts.has(text.replaceAll('’', "'")))).toEqual([]);
  });

  it('keeps its places', () => {
    const places = (text: string): string[] => [...text.matchAll(PLACE)].map(([, name = '']) => name).sort();
    expect(Object.entries(german).filter(([key, text]) => places(key).some((name) => !places(text).includes(name) && name !== 'id' && name !== 'code' && name !== 'things'))).toEqual([]);
    expect(Object.entries(german).filter(([key, text]) => places(text).some((name) => !places(key).includes(name)))).toEqual([]);
  });
});

describe('a sentence', () => {
  const { of } = languageOf(german);

  it('is found whole, with its places and what is put into them', () => {
    expect(of('Cancelled orders count 0.')).toBe('Stornierte Bestellungen zählen 0.');
    expect(of('This order goes back to the campaign “Win, back”, because the recipient tapped that message\'s link and ordered within a day.')).toBe('Diese Bestellung geht auf die Kampagne „Win, back“ zurück: Der Empfänger hat den Link der Nachricht angeklickt und innerhalb von einem Tag bestellt.');
    expect(of('The recipient read this message on 2026-11-22T10:40:00Z, and ordered: the phone on the order is theirs; but a redeemed code outweighs having read a message.')).toBe('Der Empfänger hat diese Nachricht am 2026-11-22T10:40:00Z gelesen und bestellt: die Telefonnummer der Bestellung ist seine; ein eingelöster Rabattcode wiegt jedoch schwerer als eine gelesene Nachricht.');
    expect(of('Every recipient gets a code of their own for 15 % off from 50.00 EUR on, good for one order within 2 days of the message arriving; 10 % of recipients get no message, so that you can see what the messages brought.')).toContain('15 % Rabatt ab 50.00 EUR, gültig für eine Bestellung innerhalb von 2 Tagen nach Zustellung der Nachricht; 10 %');
  });

  it('is put together of several, and stays English as far as nobody knows it', () => {
    expect(of('WhatsApp could not deliver it. The filled template is too long. WhatsApp\'s code for it is 132005.')).toBe('WhatsApp konnte sie nicht zustellen. Die ausgefüllte Vorlage ist zu lang. WhatsApp nennt dafür den Fehler 132005.');
    expect(of('It was read. By a ghost.')).toBe('Sie wurde gelesen. By a ghost.');
    expect(of('Abandoned checkouts are behind: the moon is full.')).toBe('Abgebrochene Checkouts sind im Rückstand: the moon is full.');
    expect(of('Too early: 0 of the 20 purchases have come in the smaller arm of all campaigns together that an interval of money takes. At the pace of the last 28 days that is more than ten years off.')).toMatch(/^Zu früh: 0 der 20 Käufe.* Im Tempo der letzten 28 Tage dauert das mehr als zehn Jahre\.$/);
    expect(of('Whatever')).toBe('Whatever');
  });
});
