// Files as a merchant asks for them: a pack and a table, seen on their way, fetched by their signed links, and what was fetched held
// against the checksum beside it; then one that comes every day, begun and stopped.
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { answerOf, base, fits } from './browser.mjs';

/** Asks for what is chosen in the form, and waits until the newest file of the list can be fetched. */
const ask = async (page) => {
  const made = page.waitForResponse((response) => new URL(response.url()).pathname === '/api/files' && response.request().method() === 'POST').then((response) => response.json());
  await page.getByText('Make the file', { exact: true }).click();
  const { id, name } = await made;
  const row = page.locator('.files-list > li').first();
  await row.getByText(name).waitFor();
  await row.locator('a.files-fetch').waitFor({ timeout: 60_000 });
  return { id, name, row };
};

/** Follows the row's link, and reads what came. */
const fetched = async (page, { row, name }) => {
  const [file] = await Promise.all([page.waitForEvent('download'), row.locator('a.files-fetch').click()]);
  assert.equal(file.suggestedFilename(), name);
  const bytes = readFileSync(await file.path());
  await row.locator('summary').click();
  assert.equal(createHash('sha256').update(bytes).digest('hex'), (await row.locator('.files-sum .mono').innerText()).trim(), 'the checksum is the file’s');
  return bytes;
};

const forget = async (page, { id, row }) => {
  await row.locator('s-button', { hasText: 'Delete' }).click();
  const deleted = page.waitForResponse((response) => response.url().endsWith(`/api/files/${id}`) && response.request().method() === 'DELETE');
  await page.locator('s-modal').getByText('Delete', { exact: true }).last().click();
  assert.ok((await deleted).ok());
};

export const made = async (page) => {
  await Promise.all([answerOf(page, '/api/files'), page.goto(`${base}/files`)]);
  const pack = await ask(page);
  await fits(page);
  await page.picture('pack');
  assert.equal((await fetched(page, pack)).subarray(0, 2).toString(), 'PK', 'a pack is an archive');
  await page.picture('checksum');
  await forget(page, pack);

  await page.goto(`${base}/files`);
  await page.locator('s-select').first().locator('select').selectOption('orders');
  const { orders } = await page.evaluate(async (from) => (await fetch(from)).json(), `${base}/api/orders`);
  const from = page.locator('s-date-field').first().locator('input');
  await from.fill(new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10));
  await page.locator('s-date-field').last().locator('input').fill(new Date().toISOString().slice(0, 10));
  const table = await ask(page);
  const text = (await fetched(page, table)).toString('utf8');
  const rows = text.trim().split('\r\n');
  assert.ok(rows[0].includes('shopify_order_id') && rows.length > 1, 'a heading and rows');
  assert.ok(orders.every(({ shopify_order_id: id }) => text.includes(String(id))), 'the orders of the days are in it');
  await forget(page, table);
  await fits(page);
};

export const daily = async (page) => {
  await Promise.all([answerOf(page, '/api/files/schedule'), page.goto(`${base}/files`)]);
  const chosen = page.locator('.files-daily');
  await page.getByText('Make it every day', { exact: true }).click();
  await chosen.waitFor();
  await fits(page);
  await page.picture('chosen');
  await chosen.locator('s-button').click();
  await chosen.waitFor({ state: 'detached' });
  await page.getByText('Make it every day', { exact: true }).waitFor();
};
