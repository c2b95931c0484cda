// How the interface is built. Three things always hold, because `dist` is committed and embedded into one binary:
// 1. file names are fixed, so that a change of the interface reads as an edit and not as a rename;
// 2. addresses are relative, so that the server may serve the assets under a prefix of its own;
// 3. a page is a file named as its folder (`page-orders.js`), and `ahead.json` says what else it needs.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { ahead } from './scripts/ahead.ts';
import { beside } from './scripts/beside.ts';

// Shopify's CLI names the ports and the public address; by hand there is a server on its usual port.
const { BACKEND_PORT, FRONTEND_PORT, PORT, HOST } = process.env;
const backend = process.env.RECOUP_DEV_BACKEND ?? `http://127.0.0.1:${BACKEND_PORT ?? 8080}`;
const port = Number(FRONTEND_PORT ?? PORT ?? 5173);
const allowedHosts = HOST?.includes('://') ? [new URL(HOST).hostname] : [];

const IN_PAGES = /\/pages\/([^/]+)\/(\w+)\.tsx$/;

/** `pages/orders/Page.tsx` → `page-orders`, `pages/campaign-edit/New.tsx` → `page-campaign-edit-new`. */
const fileOf = (module: string | null, name: string): string => {
  const [, folder, file] = IN_PAGES.exec(module ?? '') ?? [];
  return folder && file ? (file === 'Page' ? `page-${folder}` : `page-${folder}-${file.toLowerCase()}`) : name;
};

export default defineConfig({
  base: './',
  plugins: [react(), beside(backend), ahead()],
  build: {
    target: 'es2022',
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: ({ facadeModuleId, name }) => `assets/${fileOf(facadeModuleId, name)}.js`,
        assetFileNames: 'assets/[name][extname]',
        codeSplitting: {
          groups: [
            // Runs before all others: it must wait for none of them.
            { name: 'early', test: /\/src\/app\/early|preload-helper/, priority: 1 },
            { name: 'charts', test: /node_modules\/(d3-|internmap)/ },
            { name: 'vendor', test: /node_modules/ },
            { name: 'parts', test: /\/src\/(components|lib|api)\//, minShareCount: 2 },
            { name: 'between', test: /\/src\/pages\/(?!campaign-edit\/[A-Z])/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: { host: '127.0.0.1', port, strictPort: FRONTEND_PORT !== undefined, allowedHosts },
  test: { environment: 'jsdom', setupFiles: ['src/test/setup.ts'], css: false },
});
