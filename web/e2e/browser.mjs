// A browser that notices: console errors, broken policies of content security, failed answers and requests to strangers all
// count as failures of the run.
import { strict as assert } from 'node:assert';
import { chromium } from 'playwright-core';

const ARGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-background-networking'];

export const base = (process.env.RECOUP_E2E_URL ?? 'http://127.0.0.1:8080').replace(/\/$/, '');
/** The pretend admin that embeds the page and brings App Bridge; without it that part of the walk is left out. */
export const admin = process.env.RECOUP_E2E_ADMIN;
/** Where shoppers shop, and the platform's key: for what happens to a campaign from outside. */
export const shop = process.env.RECOUP_E2E_SHOP;
export const key = process.env.RECOUP_E2E_KEY;
const ours = [base, ...(admin ? [new URL(admin).origin] : [])];
export const shots = process.env.RECOUP_E2E_SHOTS;
export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGS });

export const SIZES = [
  { name: 'desktop', viewport: { width: 1280, height: 800 } },
  { name: 'phone', viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
];

const tellViolations = () =>
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} refused ${event.blockedURI || 'inline'}`);
  });

/** A page of that size, and the list its failures go to. */
export const openPage = async (browser, { viewport, isMobile, hasTouch }) => {
  const context = await browser.newContext({ viewport, isMobile, hasTouch, locale: 'en-US' });
  const page = await context.newPage();
  const failures = [];
  await page.addInitScript(tellViolations);
  // An answer that a step asks for on purpose is no failure, nor is the browser's own word about it.
  let meant;
  page.means = (pattern) => (meant = pattern);
  const isMeant = (url) => meant?.test(url) ?? false;
  page.on('console', (message) => message.type() === 'error' && !isMeant(message.location().url) && failures.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => failures.push(`page: ${error.message}`));
  page.on('response', (response) => response.status() >= 400 && !isMeant(response.url()) && failures.push(`${response.status()} ${response.url()}`));
  page.on('request', (request) => {
    if (!ours.some((origin) => request.url().startsWith(origin)) && !/^(data|blob|about):/.test(request.url())) failures.push(`a request to a stranger: ${request.url()}`);
  });
  return { page, failures };
};

const WITHOUT_DIGITS = new Set('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' '));
const WITH_THREE = new Set('BHD IQD JOD KWD LYD OMR TND'.split(' '));

/** What a merchant must read for that amount, written apart from the application's own way of writing it. */
export const written = ({ minor, currency }) => {
  const digits = WITHOUT_DIGITS.has(currency) ? 0 : WITH_THREE.has(currency) ? 3 : 2;
  const options = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat('en-US', options).format(minor / 10 ** digits);
};

/** The JSON a path answers next. */
export const answerOf = (page, path) => page.waitForResponse((response) => new URL(response.url()).pathname === path).then((response) => response.json());

export const fits = async (page) => {
  // A phone widens its window to what overflows: what counts is what it was opened with.
  const [content, view] = [await page.evaluate(() => document.documentElement.scrollWidth), page.viewportSize().width];
  assert.ok(content <= view, `the page is ${content} wide in a window of ${view}`);
};
