import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { build } from 'vite';
import { expect, it } from 'vitest';

it('was built from these sources: the pretend store loads what shops get', async () => {
  const built = await build({ configFile: resolve('pixel/vite.config.ts'), logLevel: 'error', mode: 'production', build: { write: false } });
  const [{ output }] = built as unknown as [{ output: [{ code: string }] }];
  expect(output[0].code.trim()).toBe(readFileSync(resolve('pixel/dist/recoup-pixel.js'), 'utf8').trim());
}, 30_000);
