// The same files inside the admin: framed by it alone, every call carrying the ID token that App Bridge brings.
import { strict as assert } from 'node:assert';
import { admin } from './browser.mjs';

export const embedded = async (page) => {
  const tokens = new Set();
  page.on('request', (request) => new URL(request.url()).pathname.startsWith('/api/') && tokens.add(request.headers().authorization ?? 'none'));
  await page.goto(admin);
  const inside = page.frameLocator('iframe');
  await inside.locator('.figure').first().waitFor();
  await inside.getByText('The lines add up to net sales, to the cent.').waitFor();
  assert.ok(tokens.size > 0);
  for (const token of tokens) assert.match(token, /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/, 'each call proves the shop by an ID token');
};
