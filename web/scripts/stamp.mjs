// Writes `dist/.sources.sha256`, so that a test may tell a stale `dist` from a fresh one without Node.
//
// The algorithm, to be recomputed elsewhere word for word:
// 1. Files, as paths relative to `web/` with `/` between the parts: every regular file below `src/` (recursively), and at the
//    top level `index.html`, `vite.config.ts`, `package.json`, `package-lock.json` and each file whose name begins with
//    `tsconfig` and ends with `.json`.
// 2. Sort the paths by their UTF-8 bytes.
// 3. For each file one line: lowercase hex SHA-256 of its bytes, two spaces, the path, one newline (as `sha256sum` prints).
// 4. The stamp is the lowercase hex SHA-256 of all lines together. The file holds the stamp and one newline.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

const below = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return below(path);
    return entry.isFile() ? [path] : [];
  });

const isNamed = (name) =>
  ['index.html', 'vite.config.ts', 'package.json', 'package-lock.json'].includes(name) || /^tsconfig.*\.json$/.test(name);

const paths = [...readdirSync(root).filter(isNamed), ...below('src')].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const lines = paths.map((path) => `${sha256(readFileSync(join(root, path)))}  ${path}\n`).join('');
const stamp = sha256(lines);

writeFileSync(join(root, 'dist', '.sources.sha256'), `${stamp}\n`);
console.log(`${paths.length} sources, ${stamp}`);
