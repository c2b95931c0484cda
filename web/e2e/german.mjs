// Every page in German: none of it English, none of it wider than its window. What the server says is a sentence of ours too; names
// that somebody chose, and what programs are called, are nobody's language.
import { strict as assert } from 'node:assert';
import { base, fits } from './browser.mjs';

/** Every page there is, with a thing that has most to tell where a page is about one. */
export const everyPage = async (page) => {
  const ask = (path) => page.evaluate(async (from) => (await fetch(from)).json(), `${base}/api/${path}`);
  const days = 'days=90';
  const [{ orders }, { orders: exposed }, { campaigns }, { messages }, { messages: failed }, { checkouts }] = await Promise.all(
    ['orders?line=attributed', 'orders?measure=assisted', 'campaigns', 'messages', 'messages?state=failed', 'checkouts?state=recovered'].map(ask),
  );
  const { links } = await ask('reports/links');
  const busy = links.find(({ hits }) => hits.machines.length > 1 && hits.taps > 0) ?? links[0];
  const one = (path, id) => (id ? [`${path}/${encodeURIComponent(id)}`] : []);
  return [
    '/', '/?by=day', '/?by=link', ...campaigns.slice(0, 1).map(({ id }) => `/?campaign=${id}&by=code`), `/ledger?${days}`, '/agreement', `/claims?${days}`, `/lift?${days}`, `/journeys?${days}`, `/orders?${days}`,
    ...one('/orders', orders[0]?.shopify_order_id), ...one('/orders', exposed[0]?.shopify_order_id),
    '/campaigns', '/campaigns/new', ...one('/campaigns', campaigns[0]?.id), ...campaigns.slice(0, 1).map(({ id }) => `/campaigns/${id}/change`), ...campaigns.slice(0, 1).map(({ id }) => `/lift?campaign=${id}`),
    `/messages?${days}`, ...one('/messages', busy?.message_id), ...one('/messages', failed[0]?.message_id), ...one('/recipients', messages[0]?.recipient_id),
    `/codes?${days}`, '/checkouts', ...one('/checkouts', checkouts[0]?.token), `/links?${days}`, '/files', '/policies', '/health', '/shop', '/nowhere',
  ];
};

/** Waits until nothing is on its way any more. */
export const settled = async (page) => {
  await page.locator('main h1, main s-page').first().waitFor();
  await page.waitForLoadState('networkidle');
  await page.locator('[aria-busy="true"], .skeleton').first().waitFor({ state: 'detached' });
};

/** All that is said: texts that can be seen, and what is read out instead of them. */
const textsOf = () => {
  const found = [];
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return found.push(node.textContent);
    if (!(node instanceof Element || node instanceof ShadowRoot)) return undefined;
    if (node instanceof Element) {
      if (/^(STYLE|SCRIPT|NOSCRIPT|CODE|PRE)$/.test(node.tagName) || node.classList.contains('mono') || node.hasAttribute('data-theirs')) return undefined;
      for (const name of ['aria-label', 'placeholder', 'title', 'heading', 'label', 'details', 'accessibilitylabel']) if (node.hasAttribute(name)) found.push(node.getAttribute(name));
      if (node.shadowRoot) walk(node.shadowRoot);
    }
    node.childNodes.forEach(walk);
    return undefined;
  };
  walk(document.body);
  return [document.title, ...found].map((text) => text.replace(/\s+/g, ' ').trim()).filter(Boolean);
};

// Words of English that no German sentence has.
const ENGLISH = /\b(the|of|and|is|are|were|which|that|this|from|its|has|have|been|who|whose|with|not yet|nobody|nothing|every|orders?|people|days|by|it|they|you|your|for|to|on|shopper|told|sent|read|given|taken|lift)\b/i;
// Names of the pretend world, and of what programs call themselves.
const NAMES = /“[^”]*”|„[^“]*“|https?:\S+|\b[\w.-]+@[\w.-]+|\b[\w-]+\.(com|example|me|dev|co)\b\S*|\/[\w/{}.-]+|#\w+|\b\w+_\w+\b|Marketing Messages API|Test & Roll|Wait-a-bit/g;

export const german = async (page, size) => {
  await page.goto(`${base}/?locale=de`);
  const { campaigns } = await page.evaluate(async (from) => (await fetch(from)).json(), `${base}/api/campaigns`);
  const theirs = campaigns.map(({ name }) => name);
  const wrong = [];
  page.means(/\/nowhere$/);
  try {
    for (const path of await everyPage(page)) {
      await page.goto(`${base}${path}`);
      await settled(page);
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
      const texts = await page.evaluate(textsOf);
      const english = texts.filter((text) => ENGLISH.test(theirs.reduce((left, name) => left.replaceAll(name, ''), text).replace(NAMES, '')));
      wrong.push(...new Set(english.map((text) => `${path}: ${text.slice(0, 160)}`)));
      await fits(page).catch((error) => wrong.push(`${path}: ${error.message}`));
      if (size) await page.picture(path.replace(/^\//, '').replace(/[?].*/, '').replace(/\/.+/, '-one') || 'overview');
    }
  } finally {
    page.means();
    await page.goto(`${base}/?locale=en-US`);
    await page.locator('.figure').first().waitFor();
  }
  assert.equal(wrong.length, 0, `on German pages:\n       ${wrong.join('\n       ')}`);
};
