// Walks the served interface in a real browser. RECOUP_E2E_URL says where it is served, CHROMIUM which browser walks,
// RECOUP_E2E_SHOTS where pictures go, RECOUP_E2E_ONLY (names with commas between them) which steps are walked. Ends with 1 when anything at all was wrong.
import { AxeBuilder } from '@axe-core/playwright';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SIZES, admin, key, launch, openPage, shop, shots } from './browser.mjs';
import * as campaign from './campaign.mjs';
import { embedded } from './embedded.mjs';
import * as files from './files.mjs';
import { german } from './german.mjs';
import * as lift from './lift.mjs';
import * as pages from './pages.mjs';
import * as pixel from './pixel.mjs';
import { speed } from './speed.mjs';

const WALK = [
  ...['overview', 'parts', 'counts', 'orders', 'order', 'policies', 'claims', 'journeys', 'ledger', 'search', 'guide', 'checkouts', 'campaigns', 'links', 'message', 'codes', 'messages', 'keys', 'settings', 'health', 'files', 'dark', 'paper'].map((name) => [name, pages[name]]),
  ...['lift', 'states', 'darkened', 'honest', 'programme', 'chosen'].map((name) => [name, lift[name]]),
  ...['made', 'daily'].map((name) => [name, files[name]]),
  ['german', german],
  // What happens from outside needs the pretend shop and a platform's key.
  ...(shop && key ? ['leaked', 'written', 'opened', 'replaced', 'alarmed', 'locked'].map((name) => [name, campaign[name]]) : []),
];
const only = process.env.RECOUP_E2E_ONLY?.split(',');
const isWalked = (name) => only?.includes(name) ?? true;
let failed = 0;

const report = (name, problems) => {
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
  for (const problem of problems) console.log(`     ${problem}`);
  failed += problems.length;
};

const attempt = async (step) => {
  try {
    await step();
    return [];
  } catch (error) {
    return [error.message];
  }
};

const audit = async (page) => {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, help, nodes }) => `axe ${id}: ${help} (${nodes.map(({ target }) => target.flat().join(' ')).slice(0, 3).join('; ')})`);
};

const picture = async (page, name) => {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
};

const browser = await launch();
try {
  if (only?.includes('speed') ?? true) report('speed', await attempt(async () => (await speed(browser)).forEach((line) => console.log(`     ${line}`))));
  for (const size of SIZES) {
    const { page, failures } = await openPage(browser, size);
    for (const [name, step] of WALK.filter(([name]) => isWalked(name))) {
      const problems = [];
      page.picture = async (part) => {
        problems.push(...(await audit(page)).map((problem) => `${part}: ${problem}`));
        await picture(page, `${name}-${part}-${size.name}`);
      };
      problems.push(...(await attempt(() => step(page, size.name))));
      problems.push(...(await audit(page)));
      await picture(page, `${name}-${size.name}`);
      report(`${name}, ${size.name}`, [...problems, ...failures.splice(0)]);
    }
    await page.context().close();
  }
  if (shop && key) for (const name of ['allowed', 'declined'].filter(isWalked)) report(`pixel ${name}`, await attempt(() => pixel[name](browser)));
  if (admin && isWalked('embedded')) {
    const { page, failures } = await openPage(browser, SIZES[0]);
    const problems = await attempt(() => embedded(page));
    await picture(page, 'embedded');
    report('embedded', [...problems, ...failures]);
  }
} finally {
  await browser.close();
}
process.exitCode = failed > 0 ? 1 : 0;
