// Builds the extension as Shopify's CLI does: one script without imports. The pretend store loads what this writes.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: here('dist'),
    emptyOutDir: true,
    lib: { entry: here('src/index.ts'), formats: ['iife'], name: 'recoupPixel', fileName: () => 'recoup-pixel.js' },
  },
});
