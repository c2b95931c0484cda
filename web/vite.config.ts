// How the interface is built. Two things always hold, because `dist` is committed and embedded into one binary:
// 1. file names are fixed, so that a change of the interface reads as an edit and not as a rename;
// 2. addresses are relative, so that the server may serve the assets under a prefix of its own.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { beside } from './scripts/beside.ts';

// Shopify's CLI names the ports and the public address; by hand there is a server on its usual port.
const { BACKEND_PORT, FRONTEND_PORT, PORT, HOST } = process.env;
const backend = process.env.RECOUP_DEV_BACKEND ?? `http://127.0.0.1:${BACKEND_PORT ?? 8080}`;
const port = Number(FRONTEND_PORT ?? PORT ?? 5173);
const allowedHosts = HOST?.includes('://') ? [new URL(HOST).hostname] : [];

export default defineConfig({
  base: './',
  plugins: [react(), beside(backend)],
  build: {
    target: 'es2022',
    cssCodeSplit: false,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        entryFileNames: 'assets/[name].js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/[name][extname]',
      },
    },
  },
  server: { host: '127.0.0.1', port, strictPort: FRONTEND_PORT !== undefined, allowedHosts },
  test: { environment: 'jsdom', setupFiles: ['src/test/setup.ts'], css: false },
});
