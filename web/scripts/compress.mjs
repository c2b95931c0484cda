// Writes each built file a second and a third time, as small as it gets: the server sends what the browser reads and compresses
// nothing itself. Run by `npm run build`, after Vite and before the stamp.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const folder = join(import.meta.dirname, '..', 'dist', 'assets');
/** Below that it fits into one packet as it is. */
const SMALL = 1_024;

const brotli = (bytes) =>
  brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });

let [before, after] = [0, 0];
for (const name of readdirSync(folder).filter((name) => /\.(js|css|svg)$/.test(name))) {
  const bytes = readFileSync(join(folder, name));
  if (bytes.length < SMALL) continue;
  const small = brotli(bytes);
  writeFileSync(join(folder, `${name}.br`), small);
  writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  [before, after] = [before + bytes.length, after + small.length];
}
console.log(`${before} bytes, ${after} by Brotli`);
