// The same files inside the admin: with Shopify's scripts there (pretended here), every request carries the ID token, the
// stand-in stays away, and the admin's menu takes the place of ours.
import { strict as assert } from 'node:assert';
import { base } from './browser.mjs';

const pretendAdmin = () => {
  window.shopify = { idToken: async () => 'pretended-token', config: { locale: 'en' } };
  customElements.define('s-page', class extends HTMLElement {});
};

export const embedded = async (page) => {
  const tokens = new Set();
  const scripts = [];
  await page.addInitScript(pretendAdmin);
  page.on('request', (request) => request.resourceType() === 'script' && scripts.push(request.url()));
  await page.route('**/api/**', async (route) => {
    const { authorization, ...headers } = await route.request().allHeaders();
    tokens.add(authorization);
    await route.continue({ headers });
  });
  await page.goto(`${base}/`);
  await page.locator('.figure').first().waitFor();
  assert.deepEqual([...tokens], ['Bearer pretended-token']);
  assert.ok(!scripts.some((url) => url.includes('stand-in')), 'the stand-in is not loaded beside the real tags');
  assert.equal(await page.locator('s-app-nav').count(), 1);
  assert.equal(await page.locator('.shell-bar').count(), 0);
};
