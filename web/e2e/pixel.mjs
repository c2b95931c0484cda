// The real extension in the pretend store's sandbox: a shopper looks around, taps a message's link, and buys. Only the pixel can tell
// which tap that was: the visit began before it, the message carries no code, and no script of a theme writes attributes.
import { strict as assert } from 'node:assert';
import { base, key, shop } from './browser.mjs';

const api = async (method, path, body) => {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const response = await fetch(`${base}${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(response.ok || response.status === 404, `${method} ${path}: ${response.status}`);
  return response.ok ? response.json() : undefined;
};

const until = async (what, look) => {
  for (let tries = 0; tries < 90; tries += 1) {
    const seen = await look();
    if (seen) return seen;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  throw new Error(`it took too long until ${what}`);
};

const message = async () => {
  const link = { destination: '/collections/all' };
  const campaign = await api('POST', '/api/campaigns', { name: 'Look again', kind: 'flow', offer: null, link, holdout: 0 });
  const recipients = [{ key: `pixel-${campaign.id}`, phone: `+43660${String(Date.now()).slice(-7)}` }];
  return (await api('POST', `/api/campaigns/${campaign.id}/messages`, { recipients })).messages[0];
};

const browserOf = (version) =>
  `Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version.split('.')[0]}.0.0.0 Mobile Safari/537.36`;

const coverage = async () => (await api('GET', '/api/reports/summary')).pixel;

/** Buys after a tap; what the browser told us, and the order's receipt. */
const buys = async (browser, answer) => {
  const { message_id, link } = await message();
  // A person's browser: by its own name this one is a program, and what only the pixel tells needs a person's tap.
  const context = await browser.newContext({ userAgent: browserOf(browser.version()) });
  const told = [];
  const failures = [];
  context.on('request', (request) => request.url() === `${base}/pixel` && told.push(request));
  const page = await context.newPage();
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('console', (line) => line.type() === 'error' && !line.location().url.endsWith('/favicon.ico') && failures.push(line.text()));
  try {
    await context.addCookies([{ name: 'blocker', value: '1', url: shop }]);
    await page.goto(`${shop}/products/enamel-mug`);
    await page.getByRole('button', { name: answer }).click();
    await page.goto(link);
    assert.match(new URL(page.url()).searchParams.get('rcp') ?? '', /^\w{20,22}$/, 'the click id arrives at the store');
    const kept = () => page.evaluate(() => localStorage.getItem('recoup_click'));
    if (answer === 'Allow') await until('the click is remembered', kept);
    await page.goto(`${shop}/products/enamel-mug`);
    await page.getByRole('button', { name: 'Add to cart' }).click();
    await page.getByRole('button', { name: 'Check out' }).click();
    await page.getByLabel('E-mail').fill(`walker-${message_id}@example.net`);
    const started = page.url();
    await page.getByRole('button', { name: 'Pay (pretend)' }).click();
    await page.getByRole('heading', { name: 'Thank you!' }).waitFor();
    assert.equal(page.url(), started);
    const said = JSON.parse(await page.locator('#customer-events').textContent());
    const { order } = said[0].data.checkout;
    const id = order.id.match(/\d+$/)[0];
    if (answer === 'Allow') await until('both ends of the checkout are told', async () => told.length >= 2);
    // Answered before the page is opened once more: a request that is under way then has no answer to be seen.
    const answers = await Promise.all(told.map(async (request) => (await request.response())?.status()));
    // Opened once more, the page tells nothing again.
    await page.reload({ waitUntil: 'networkidle' });
    if (answer !== 'Allow') assert.equal(await kept(), null, 'nothing is remembered without consent');
    assert.equal(told.length, answers.length, 'opened once more it told nothing');
    assert.deepEqual(failures, []);
    const receipt = await until('the order is there', () => api('GET', `/api/orders/${id}/receipt`));
    return { message_id, id, receipt, answers, bodies: told.map((request) => JSON.parse(request.postData())) };
  } finally {
    await context.close();
  }
};

/** With consent the browser tells both ends of the checkout, and the order goes back to the message by the click's session. */
export const allowed = async (browser) => {
  const before = await coverage();
  const { message_id, id, answers, bodies } = await buys(browser, 'Allow');
  assert.deepEqual(bodies.map(({ event }) => event), ['checkout_started', 'checkout_completed']);
  assert.ok(bodies.every(({ click }) => click), 'both carry the click');
  assert.equal(bodies[1].order_id, id);
  assert.deepEqual(answers, [204, 204]);
  const receipt = await until('the order goes back to its message', async () => {
    const receipt = await api('GET', `/api/orders/${id}/receipt`);
    return receipt.winner && receipt;
  });
  assert.deepEqual([receipt.winner.kind, receipt.winner.message_id, receipt.verdict.line], ['click_session', message_id, 'attributed']);
  assert.match(receipt.winner.why, /the pixel saw/);
  assert.ok((await coverage()).seen > before.seen, 'the order counts as seen');
};

/** Without consent the pixel never runs: nothing is kept, nothing is told, and the order counts among those it did not see. */
export const declined = async (browser) => {
  const before = await coverage();
  const { receipt, bodies } = await buys(browser, 'Decline');
  assert.deepEqual(bodies, []);
  assert.deepEqual([receipt.winner, receipt.candidates, receipt.verdict.line], [null, [], 'unattributed']);
  assert.ok((await coverage()).unseen > before.unseen, 'the order counts as unseen');
};
