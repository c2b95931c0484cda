// A campaign's whole life as a merchant and their platform lead it: written with a slip that is put right, its recipients drawn,
// a code taken back and replaced, a code passed around, and the alarm about it closed.
import { strict as assert } from 'node:assert';
import { answerOf, base, fits, key, shop } from './browser.mjs';

const api = async (method, path, body) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(`${base}${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${await response.clone().text()}`);
  return response.json();
};

const until = async (what, look) => {
  for (let tries = 0; tries < 90; tries += 1) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`it took too long until ${what}`);
};

/** Types into one of Polaris's fields. */
const type = (page, name, text) => page.locator(`[name="${name}"] input`).fill(text);
const choose = (page, name, value) => page.locator(`[name="${name}"] select`).selectOption(value);
const press = (page, name) => page.getByRole('button', { name, exact: true }).first().click();
const dialog = (page) => page.locator('s-modal dialog[open]');
const confirm = (page, action) => page.locator('s-modal').getByText(action, { exact: true }).last().click();

let made;

/** Written, with a slip: the problem shows at its field and goes when it is put right; the preview follows. */
export const written = async (page, size) => {
  await page.goto(`${base}/campaigns`);
  await page.getByRole('button', { name: 'New campaign' }).or(page.locator('s-button[href="/campaigns/new"]')).first().click();
  await page.waitForURL('**/campaigns/new');
  await page.locator('.bubble').waitFor();
  await type(page, 'name', `Thank-you ${size}`);
  await type(page, 'offer.percentage', '150');
  const slip = page.getByText('Write per cent above 0 and at most 100', { exact: false });
  await slip.waitFor();
  await page.picture('problem');
  await type(page, 'offer.percentage', '20');
  await slip.waitFor({ state: 'detached' }).catch(() => slip.waitFor({ state: 'hidden' }));
  await choose(page, 'minimum_subtotal_minor.choice', 'subtotal');
  await type(page, 'minimum_subtotal_minor', '25');
  await type(page, 'code.prefix', 'THX');
  await type(page, 'link.destination', '/collections/all');
  await type(page, 'holdout', '0');
  await type(page, 'expected_recipients', '30');
  await page.getByText('Every recipient gets a code of their own for 20% off from', { exact: false }).waitFor();
  assert.match(await page.locator('.bubble-code .mono').innerText(), /^THX[A-HJKMNP-TV-Z2-9]{12}$/);
  assert.match(await page.locator('.bubble-leads').first().innerText(), /\/discount\/THX\w{12}\?redirect=%2Fcollections%2Fall/);
  await fits(page);
};

/** Saved and opened: its codes come to life while one looks. */
export const opened = async (page) => {
  const [answer] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/api/campaigns')), press(page, 'Create campaign')]);
  made = await answer.json();
  await page.waitForURL(`**/campaigns/${made.id}`);
  await page.locator('.about-promise').waitFor();
  await until('codes are ready', async () => (await api('GET', `/api/campaigns/${made.id}/codes`)).imported >= 20);
  await page.locator('[data-count="imported"] b').filter({ hasText: /^[2-9]\d$/ }).waitFor();
  await fits(page);
};

/** Three recipients; the first one's code is found, taken back, and replaced. */
export const replaced = async (page) => {
  const recipients = [1, 2, 3].map((n) => ({ key: `walk-${made.id}-${n}`, phone: `+43660${String(Date.now()).slice(-6)}${n}` }));
  const { messages } = await api('POST', `/api/campaigns/${made.id}/messages`, { recipients });
  made.codes = messages.map(({ code }) => code);
  assert.ok(made.codes.every((code) => code.startsWith('THX')), 'codes from the pool are live at once');
  await page.goto(`${base}/campaigns/${made.id}`);
  await page.locator('.find input').fill(made.codes[0].toLowerCase());
  await page.keyboard.press('Enter');
  await page.locator('.found-verdict').getByText('Good until', { exact: false }).waitFor();
  page.means(/\/replacement$/);
  await page.locator('.found').getByRole('button', { name: /^Replace/ }).click();
  await confirm(page, 'Give another code');
  await dialog(page).waitFor();
  await page.getByText('The first code is good until', { exact: false }).waitFor();
  await page.picture('refused');
  await page.keyboard.press('Escape');
  await dialog(page).waitFor({ state: 'detached' });
  page.means(undefined);
  await page.locator('.found').getByRole('button', { name: /^Revoke/ }).click();
  await page.picture('question');
  await confirm(page, 'Revoke code');
  await page.locator('.found-verdict').getByText('Taken back', { exact: false }).waitFor();
  await page.locator('.found').getByRole('button', { name: /^Replace/ }).click();
  await confirm(page, 'Give another code');
  // A replacement has a discount of its own, which Shopify makes first.
  await page.getByText(/The recipient’s code is THX|A new code is on its way/).first().waitFor();
  await page.getByText('second code').waitFor();
  await fits(page);
};

/** One code on many checkouts within a minute: the radar's alarm names it, and is closed after a question. */
export const alarmed = async (page) => {
  for (let n = 0; n < 6; n += 1) {
    const first = await fetch(`${shop}/discount/${made.codes[1]}`, { redirect: 'manual' });
    const cookie = first.headers.get('set-cookie').split(';')[0];
    await fetch(`${shop}/cart/add`, { method: 'POST', redirect: 'manual', headers: { cookie, 'content-type': 'application/json' }, body: JSON.stringify({ id: 2, quantity: 1 }) });
    await fetch(`${shop}/checkout`, { method: 'POST', redirect: 'manual', headers: { cookie, accept: 'application/json' } });
  }
  await until('the radar raises an alarm', async () => (await api('GET', `/api/codes/alarms?campaign=${made.id}`)).alarms.length > 0);
  await page.goto(`${base}/campaigns/${made.id}`);
  const alarm = page.locator('[data-alarm="burst"]');
  await alarm.waitFor();
  await page.picture('open');
  await press(page, 'Close alarm');
  await dialog(page).waitFor();
  await confirm(page, 'Close alarm');
  await page.getByText('Nothing looks like a leak.').waitFor();
  await fits(page);
};

/** What people were promised is locked, and says why; the name may change. */
export const locked = async (page) => {
  await page.goto(`${base}/campaigns/${made.id}/change`);
  await page.getByText('Fixed, because recipients were already drawn', { exact: false }).first().waitFor();
  assert.ok(await page.locator('[name="offer.percentage"] input').isDisabled());
  await type(page, 'name', `${made.name} II`);
  await page.getByText('Every recipient gets a code of their own for', { exact: false }).waitFor();
  await page.waitForTimeout(700);
  await press(page, 'Save changes');
  await page.waitForURL(`**/campaigns/${made.id}`);
  await page.getByRole('heading', { name: `${made.name} II` }).waitFor();
  await fits(page);
};

/** The pretend world leaked a list before we came: a code that nobody was given raised an alarm, and the list shows whose. */
export const leaked = async (page) => {
  const { alarms } = await until('a canary is noticed', async () => {
    const answer = await api('GET', '/api/codes/alarms');
    return answer.alarms.some(({ kind }) => kind === 'canary') && answer;
  });
  const canary = alarms.find(({ kind }) => kind === 'canary');
  await Promise.all([answerOf(page, '/api/campaigns'), page.goto(`${base}/campaigns`)]);
  const card = page.locator('.campaign').filter({ hasText: canary.campaign }).filter({ hasText: 'leak alarm' });
  await card.first().waitFor();
  await card.first().locator('h2 s-link').click();
  await page.locator('[data-alarm="canary"]').waitFor();
  await page.getByText('Revoke this campaign', { exact: false }).first().waitFor();
  await page.locator('.codes-slots').waitFor();
  await fits(page);
};
