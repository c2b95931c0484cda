// The walk a merchant takes: overview, orders, one order, campaigns. Each step checks the page against what the API answered.
import { strict as assert } from 'node:assert';
import { answerOf, base, fits, written } from './browser.mjs';

const MEASURES = ['net_sales', 'attributed', 'recovered', 'assisted', 'pending'];
export const overview = async (page) => {
  const [summary, ledger] = await Promise.all([answerOf(page, '/api/reports/summary'), answerOf(page, '/api/reports/ledger'), page.goto(`${base}/`)]);
  await page.locator('.figure').first().waitFor();
  for (const measure of MEASURES) {
    const figure = page.locator(`[data-measure="${measure}"]`);
    assert.equal(Number(await figure.getAttribute('data-minor')), summary[measure].minor, measure);
    assert.equal(await figure.locator('.figure-number').innerText(), written(summary[measure]), measure);
  }
  await page.locator('.ledger-total').waitFor();
  const lines = ledger.lines.reduce((total, line) => total + line.net_sales.minor, 0);
  assert.equal(lines, ledger.total.net_sales.minor, 'the ledger adds up');
  assert.equal(ledger.total.net_sales.minor, summary.net_sales.minor, 'the ledger comes to net sales');
  await page.getByText('The lines add up to net sales, to the cent.').waitFor();
  await fits(page);
};

/** An indicator in parts: the groups are the whole, each says what it rests on, and the days are a line. */
export const parts = async (page) => {
  const answered = page.waitForResponse((response) => response.url().includes('/api/reports/kpis') && response.url().includes('by=')).then((response) => response.json());
  await page.goto(`${base}/?days=30&by=campaign`);
  const { kpis, groups } = await answered;
  const whole = kpis.find(({ name }) => name === 'conversion_rate');
  assert.equal(groups.reduce((sum, { figures }) => sum + figures.conversion_rate.denominator, 0), whole.denominator, 'the groups are the whole');
  const rows = page.locator('.parts-table tbody tr');
  await rows.first().waitFor();
  assert.equal(await rows.count(), groups.length);
  await page.locator('.parts-table thead button').nth(1).click();
  const best = [...groups].sort((one, other) => (other.figures.conversion_rate.value ?? -1) - (one.figures.conversion_rate.value ?? -1))[0];
  assert.ok((await rows.first().innerText()).startsWith(best.name), 'the best stands first');
  await fits(page);
  await page.locator('.parts').scrollIntoViewIfNeeded();
  await page.picture('campaigns');
  await page.goto(`${base}/?days=30&by=day`);
  await page.locator('.parts-days svg').waitFor();
  assert.match(await page.locator('.parts-days svg').getAttribute('aria-label'), /highest .* lowest /);
  await fits(page);
  await page.picture('days');
};

/** Each number's link lists exactly what the number counts. */
export const counts = async (page) => {
  await page.goto(`${base}/?days=90`);
  for (const measure of ['net_sales', 'attributed', 'recovered']) {
    const link = page.locator(`[data-measure="${measure}"] .figure-count s-link`);
    await link.waitFor();
    const [count, amount] = [await link.innerText(), await page.locator(`[data-measure="${measure}"] .figure-number`).innerText()];
    await link.click();
    await page.locator('.orders-total').waitFor();
    assert.equal(await page.locator('.orders-total').innerText(), `${count}, net sales ${amount}`, measure);
    await fits(page);
    await page.goBack();
  }
};

export const orders = async (page) => {
  const [{ orders: rows }] = await Promise.all([answerOf(page, '/api/orders'), page.goto(`${base}/orders?line=attributed&days=90`)]);
  assert.ok(rows.length > 0, 'there is an attributed order in the last ninety days');
  const link = page.locator('s-table-row s-link').first();
  await link.waitFor();
  assert.equal((await link.innerText()).trim(), rows[0].name);
  await fits(page);
};

/** Opens the first order of the list as a merchant would: by its link. */
export const order = async (page) => {
  const answered = page.waitForResponse((response) => response.url().endsWith('/receipt')).then((response) => response.json());
  await page.locator('s-table-row s-link').first().click();
  const receipt = await answered;
  const sentence = page.locator('.verdict-sentence');
  await sentence.waitFor();
  assert.equal(await sentence.innerText(), receipt.verdict.sentence);
  assert.equal(await page.locator('.verdict-worth .amount').innerText(), written(receipt.order.net_sales));
  // Up to its first instant, which the page writes in the zone of the shop.
  const words = (why) => why.split(/\d{4}-\d{2}-\d{2}T/)[0].trim();
  for (const { why } of receipt.candidates) await page.getByText(words(why)).first().waitFor();
  await page.getByText('What happened').waitFor();
  await fits(page);
};

/** Every way of counting over the same orders, and what one of them would change: looking writes nothing. */
export const policies = async (page) => {
  const [{ sides, looked_at: looked }] = await Promise.all([answerOf(page, '/api/reports/policies'), page.goto(`${base}/policies`)]);
  assert.equal(sides.length, 8);
  assert.ok(looked.orders > 0 && looked.whole, 'all orders of the days were looked at');
  const bars = page.locator('.policies-sides li');
  await bars.first().waitFor();
  assert.equal(await bars.first().locator('.amount').innerText(), written(sides[0].attributed.amount));
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/policies/preview')).then((response) => response.json());
  await page.getByText('Postscript').click();
  const preview = await answered;
  assert.equal(preview.then.attributed.amount.minor, sides.find(({ policy }) => policy === 'postscript').attributed.amount.minor);
  await page.getByText(/Nothing was written/).waitFor();
  if (preview.largest.length > 0) await page.getByText(preview.largest[0].name).first().waitFor();
  await fits(page);
};

/** Checkouts that lie quiet, and the story of one. */
export const checkouts = async (page) => {
  const [{ checkouts: rows }] = await Promise.all([answerOf(page, '/api/checkouts'), page.goto(`${base}/checkouts`)]);
  if (rows.length === 0) {
    await page.getByText('No checkout lies quiet').waitFor();
    return;
  }
  const link = page.locator('s-table-row s-link').first();
  await link.waitFor();
  await fits(page);
  await link.click();
  await page.locator('dl').first().waitFor();
  await fits(page);
};

export const campaigns = async (page) => {
  const [{ campaigns: rows }] = await Promise.all([answerOf(page, '/api/campaigns'), page.goto(`${base}/campaigns`)]);
  await page.locator(rows.length > 0 ? '.campaign' : '.empty').first().waitFor();
  for (const { name } of rows.slice(0, 3)) await page.getByText(name).first().waitFor();
  await fits(page);
};

export const links = async (page) => {
  const [report] = await Promise.all([answerOf(page, '/api/reports/links'), page.goto(`${base}/links?days=90`)]);
  await page.locator('.links-headline').waitFor();
  const shown = async (name) => Number((await page.locator(`[data-count="${name}"] b`).innerText()).replaceAll(',', ''));
  assert.equal(await shown('taps'), report.total.taps);
  assert.equal(await shown('machines'), report.total.raw - report.total.taps);
  const reasons = report.total.machines.reduce((sum, { hits }) => sum + hits, 0);
  assert.equal(reasons, report.total.raw - report.total.taps, 'every machine has its reason');
  await fits(page);
};

export const message = async (page) => {
  const [{ links: rows }] = await Promise.all([answerOf(page, '/api/reports/links'), page.goto(`${base}/links?days=90`)]);
  const told = rows.find(({ hits }) => hits.taps > hits.visits && hits.machines.length > 0) ?? rows.find(({ hits }) => hits.machines.length > 0) ?? rows[0];
  await Promise.all([answerOf(page, `/api/messages/${told.message_id}/timeline`), page.goto(`${base}/messages/${told.message_id}`)]);
  await page.locator('.life li').first().waitFor();
  await fits(page);
};

/** A key is made and named, shown once, not left behind without a question, and revoked. */
export const keys = async (page, size) => {
  const name = `Walker ${size}`;
  await page.goto(`${base}/shop`);
  await page.locator('input[name="key_name"]').fill(name);
  await page.getByRole('button', { name: 'Make a key' }).click();
  assert.match(await page.locator('[data-key]').innerText(), /^rcp_/);
  await page.picture('shown');
  await page.getByRole('navigation').getByText('Orders', { exact: true }).click();
  await page.locator('s-modal').getByText('Stay here').waitFor();
  await page.picture('asked');
  await page.locator('s-modal').getByText('Stay here').click();
  assert.match(page.url(), /\/shop$/);
  await page.locator('s-button', { hasText: 'I have kept it' }).click();
  await page.locator('[data-key]').waitFor({ state: 'detached' });
  await page.locator(`[data-key-row="${name}"]`).getByText('Revoke').click();
  await page.locator('s-modal').getByText('Revoke key', { exact: true }).last().click();
  await page.locator(`[data-key-row="${name}"]`).getByText('Revoked', { exact: true }).waitFor({ state: 'attached' });
  await fits(page);
};

/** The shop's own page: what a template needs, a link domain asked for, refused when it is none, and let go again. */
export const settings = async (page) => {
  const [links] = await Promise.all([answerOf(page, '/api/settings/links'), page.goto(`${base}/shop`)]);
  await page.getByText(links.template.url, { exact: true }).waitFor();
  const domain = page.locator('input[name="domain"]');
  const save = async (value) => {
    await domain.fill(value);
    const answered = page.waitForResponse((response) => response.url().endsWith('/api/settings/links') && response.request().method() !== 'GET');
    await page.locator('s-button', { hasText: /^Save$/ }).click();
    return (await answered).status();
  };
  page.means(/\/api\/settings\/links$/);
  assert.equal(await save('no domain'), 422);
  await page.locator('.shop-wrong').first().waitFor();
  // In the pretend world names are loopback's.
  assert.equal(await save('127.0.0.1:8099'), 200);
  await page.locator('.shop-record td', { hasText: 'CNAME' }).waitFor();
  await page.picture('domain');
  assert.equal(await save(''), 200);
  await page.locator('.shop-record').waitFor({ state: 'detached' });
  page.means();
  await fits(page);
};

/** How it goes is told as the server says it, and a table can be taken away as a file. */
export const health = async (page) => {
  const [told] = await Promise.all([answerOf(page, '/api/health'), page.goto(`${base}/health`)]);
  await page.locator('.health-list').first().waitFor();
  assert.equal(await page.locator('.health-list').locator('li').count(), told.sources.length + told.gaps.length + told.pools.length + told.failed_jobs.length);
  await fits(page);
};

export const files = async (page) => {
  await page.goto(`${base}/orders?days=30`);
  await page.getByRole('button', { name: 'Download' }).click();
  await page.picture('open');
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('s-button[accessibilitylabel^="Orders: CSV"]').click()]);
  assert.match(file.suggestedFilename(), /^recoup-orders-\d{4}-\d{2}-\d{2}-\d{4}-\d{2}-\d{2}\.csv$/);
  await page.getByText(file.suggestedFilename()).waitFor();
  await fits(page);
};

/** Every way of counting over the same orders: ours first, each bar what the API says of it. */
export const claims = async (page) => {
  const [{ ways, visits, paid, looked_at: looked }] = await Promise.all([answerOf(page, '/api/reports/claims'), page.goto(`${base}/claims`)]);
  assert.ok(looked.whole && paid.orders > 0 && ways.length === 8 && ways[0].own, 'all orders of the days were looked at');
  for (const [name, claimed] of [...ways.map((way) => [way.policy, way.claimed]), ...visits.map((one) => [one.name, one.claimed])]) {
    const line = page.locator(`[data-way="${name}"]`);
    await line.waitFor();
    assert.equal(Number(await line.getAttribute('data-minor')), claimed.amount.minor, name);
    assert.equal(await line.locator('.amount').innerText(), written(claimed.amount), name);
  }
  for (const { certain, strong, exposure, claimed } of ways) {
    assert.equal(certain.amount.minor + strong.amount.minor + exposure.amount.minor, claimed.amount.minor, 'the classes are the claim');
  }
  await fits(page);
};

/** Paths and models over the same journeys, and cohorts that account for every paid order. */
export const journeys = async (page) => {
  const [found, cohorts] = await Promise.all([answerOf(page, '/api/reports/journeys'), answerOf(page, '/api/reports/cohorts'), page.goto(`${base}/journeys`)]);
  assert.ok(found.paths.length > 0, 'something touched the orders');
  const row = page.locator('s-table-body s-table-row').first();
  await row.waitFor();
  assert.equal(await row.locator('.amount').innerText(), written(found.paths[0].value));
  const linear = found.channels.reduce((total, { shares }) => total + shares.find(({ model }) => model === 'linear').amount.minor, 0);
  assert.equal(linear, found.value.minor, 'a model shares all');
  const parts = [...cohorts.cohorts, cohorts.untouched, cohorts.nameless];
  assert.equal(parts.reduce((total, { net_sales: net }) => total + net.minor, 0), cohorts.total.net_sales.minor, 'every order is somewhere');
  await page.locator('.journeys-rest').waitFor();
  await fits(page);
};

/** A line of the ledger, down to the receipt of one of its orders: two clicks. */
export const ledger = async (page) => {
  const [{ lines, days, total }] = await Promise.all([answerOf(page, '/api/reports/ledger'), page.goto(`${base}/ledger`)]);
  assert.equal(days.reduce((sum, day) => sum + day.net_sales.minor, 0), total.net_sales.minor, 'the days are the ledger');
  const attributed = lines.find(({ line }) => line === 'attributed');
  await fits(page);
  await page.locator('.ledger-attributed s-link').first().click();
  await page.locator('.orders-total').waitFor();
  assert.ok((await page.locator('.orders-total').innerText()).endsWith(written(attributed.net_sales)));
  await page.locator('s-table-row s-link').first().click();
  await page.locator('.verdict-sentence').waitFor();
};

/** From any page to an order, by its number. */
export const search = async (page) => {
  const { orders: rows } = await Promise.all([answerOf(page, '/api/orders'), page.goto(`${base}/orders?days=90`)]).then(([answer]) => answer);
  await page.goto(`${base}/health`);
  await page.getByRole('searchbox').fill(rows[0].name.replace('#', ''));
  const hit = page.locator('.search-found a').first();
  await hit.waitFor();
  await page.picture('found');
  await fits(page);
  await hit.click();
  await page.locator('.verdict-sentence').waitFor();

  // And to a code, as a shopper reads it out: it is found on its campaign's page, with what became of it.
  const [{ codes: known }] = await Promise.all([answerOf(page, '/api/codes'), page.goto(`${base}/codes?days=90&state=redeemed`)]);
  await page.getByRole('searchbox').fill(known[0].code.toLowerCase());
  await page.locator('.search-found a', { hasText: known[0].code }).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('.found-verdict').waitFor();
  assert.equal(await page.locator('.found-verdict').innerText(), 'Used: an order redeemed it. It works for no other.');
  await fits(page);
};

/** The first steps, each as it stands, and from one that is open to where something can be done about it. */
export const guide = async (page) => {
  const [told] = await Promise.all([answerOf(page, '/api/setup'), page.goto(`${base}/shop`)]);
  for (const { step, state } of told.steps) assert.match(await page.locator(`[data-step="${step}"]`).getAttribute('class'), new RegExp(`setup-${state}`), step);
  assert.equal(await page.locator('[data-step] i', { hasText: '✓' }).count(), told.steps.filter(({ state }) => state === 'done').length);
  await fits(page);
  const open = page.locator('[data-step="link_domain"] s-link');
  if (await open.isVisible()) {
    await open.click();
    await page.locator('input[name="domain"]').waitFor();
    assert.match(page.url(), /\/shop#links$/);
  }
};

/** Where it stands alone it follows a reader who likes it dark: nothing is hard to read there either. */
export const dark = async (page) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  try {
    const { orders: rows } = await Promise.all([answerOf(page, '/api/orders'), page.goto(`${base}/orders?days=90&line=attributed`)]).then(([answer]) => answer);
    await page.locator('.orders-total').waitFor();
    await page.picture('orders');
    for (const [path, sign] of [[`/orders/${rows[0].shopify_order_id}`, '.verdict-sentence'], ['/campaigns', '.campaign'], ['/campaigns/new', '.bubble'], ['/claims', '[data-way]'], ['/policies', '.policies-sides li'], ['/links?days=90', '.links-headline'], ['/health', '.health-list'], ['/shop', 'input[name="key_name"]']]) {
      await page.goto(`${base}${path}`);
      await page.locator(sign).first().waitFor();
      await page.picture(path.split(/[/?]/)[1] + (path.split('/').length > 2 ? '-one' : ''));
    }
    await page.goto(`${base}/`);
    await page.locator('.ledger-total').waitFor();
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'dark');
    await page.picture('overview');
  } finally {
    await page.emulateMedia({ colorScheme: null });
  }
};

/** On paper: no menu, and every row of a table. */
export const paper = async (page) => {
  await page.goto(`${base}/`);
  await page.locator('.ledger-total').waitFor();
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  try {
    assert.equal(await page.locator('.shell-bar').isVisible(), false);
    assert.equal(await page.locator('.ledger-total').isVisible(), true);
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light');
    await page.picture('overview');
  } finally {
    await page.emulateMedia({ media: null, colorScheme: null });
  }
};

/** Codes: what became of them before any row, and from a code to its message. */
export const codes = async (page) => {
  const [{ total, codes: rows }] = await Promise.all([answerOf(page, '/api/codes'), page.goto(`${base}/codes?days=90`)]);
  await page.locator('[data-sum="issued"]').waitFor();
  const states = ['pending', 'live', 'redeemed', 'expired', 'revoked'];
  assert.equal(states.reduce((sum, state) => sum + total[state], 0), total.issued, 'each code stands in one place');
  for (const name of ['issued', ...states]) assert.equal(Number((await page.locator(`[data-sum="${name}"] dd`).innerText()).replaceAll(',', '')), total[name], name);
  assert.ok(rows.length > 0 && total.redemption.denominator > 0, 'codes were given and messages arrived');
  await fits(page);
  await page.picture('all');
  await page.goto(`${base}/codes?days=90&state=redeemed`);
  await page.locator('s-table-row s-link[href^="/orders/"]').first().waitFor();
  await fits(page);
};

/** Messages, and one recipient's life; how they are reached is opened by a press that is written down. */
export const messages = async (page) => {
  const [{ total }] = await Promise.all([answerOf(page, '/api/messages'), page.goto(`${base}/messages?days=90`)]);
  await page.locator('[data-sum="issued"]').waitFor();
  const states = ['under_way', 'delivered', 'read', 'failed'];
  assert.equal(states.reduce((sum, state) => sum + total[state], 0), total.issued, 'each message stands in one place');
  await fits(page);
  await page.picture('all');
  const answered = page.waitForResponse((response) => /\/api\/recipients\/[^/]+$/.test(new URL(response.url()).pathname)).then((response) => response.json());
  await page.locator('s-table-row s-link[href^="/recipients/"]').first().click();
  const life = await answered;
  await page.locator('.life li').first().waitFor();
  assert.equal(await page.locator('.life li').count(), life.moments.length);
  assert.equal(await page.locator('[data-contact]').count(), 0, 'nobody is named unasked');
  await page.picture('life');
  await page.locator('s-button', { hasText: 'Show the contact' }).click();
  await page.locator('[data-contact]').waitFor();
  assert.match(await page.locator('[data-contact]').innerText(), /\+\d{8}/);
  await fits(page);
};
