import { expect, it } from 'vitest';
import { live, relaxed } from './beside.ts';

const BUILT = `<!doctype html><html lang="en"><head><meta name="shopify-api-key" content="x"><script src="https://cdn.example/app-bridge.js"></script>
<script type="module" crossorigin src="/assets/0a1b2c/index.js"></script>
<link rel="stylesheet" crossorigin href="/assets/0a1b2c/index.css"></head><body><div id="root"></div></body></html>`;

it('exchanges built scripts for sources and keeps the rest', () => {
  const page = live(BUILT);
  expect(page).not.toContain('/assets/');
  expect(page).toContain('https://cdn.example/app-bridge.js');
  expect(page.match(/src="\/src\/main\.tsx"/g)).toHaveLength(1);
});

it('opens the policy for Vite and for nobody else', () => {
  const policy = relaxed("default-src 'self'; script-src 'self' https://cdn.example; connect-src 'self'; frame-ancestors https://a.example");
  expect(policy).toBe(
    "default-src 'self'; script-src 'unsafe-inline' 'self' https://cdn.example; connect-src ws: wss: 'self'; frame-ancestors https://a.example",
  );
});
