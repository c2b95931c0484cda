// How the interface is built. Two things always hold, because `dist` is committed and embedded into one binary:
// 1. file names are fixed, so that a change of the interface reads as an edit and not as a rename;
// 2. addresses are relative, so that the server may serve the assets under a prefix of its own.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const backend = process.env.RECOUP_DEV_BACKEND ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: './',
  plugins: [react()],
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
  server: { proxy: { '/api': backend } },
  test: { environment: 'jsdom', setupFiles: ['src/test/setup.ts'], css: false },
});
