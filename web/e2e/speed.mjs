// How soon the overview can be read on a slow phone: its largest paint (LCP) with a processor four times slower than this one, by a
// browser that has nothing kept; once by the cable, once by a mobile network as Lighthouse imitates it. It prints what it found and
// asserts no time: machines differ. The direction is 2.5 seconds.
import { base } from './browser.mjs';

const RUNS = 3;
const NETWORKS = {
  'by cable': null,
  'by slow 4G': { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 },
};

const watch = () => {
  window.paints = [];
  const note = ({ startTime, element, size }) => ({ at: startTime, what: element?.className || element?.tagName, size });
  new PerformanceObserver((list) => window.paints.push(...list.getEntries().map(note))).observe({ type: 'largest-contentful-paint', buffered: true });
};

const filesOf = () =>
  performance.getEntriesByType('resource').map(({ name, startTime, responseEnd, encodedBodySize }) => ({ name: new URL(name).pathname, startTime, responseEnd, bytes: encodedBodySize }));

const once = async (browser, network) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, locale: 'en-US' });
  try {
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    if (network) {
      await session.send('Network.enable');
      await session.send('Network.emulateNetworkConditions', network);
    }
    await page.addInitScript(watch);
    await page.goto(`${base}/`, { waitUntil: 'networkidle' });
    await page.locator('.ledger-total').waitFor();
    return { last: (await page.evaluate(() => window.paints)).at(-1), files: await page.evaluate(filesOf) };
  } finally {
    await context.close();
  }
};

const measured = async (browser, name) => {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await once(browser, NETWORKS[name]));
  const middle = runs.sort((a, b) => a.last.at - b.last.at)[Math.floor(RUNS / 2)];
  const ours = middle.files.filter((file) => file.name.startsWith('/assets/'));
  const kilobytes = Math.round(ours.reduce((sum, { bytes }) => sum + bytes, 0) / 1024);
  const all = runs.map(({ last }) => Math.round(last.at)).join(', ');
  const files = process.env.RECOUP_E2E_FILES ? middle.files.map((file) => `\n       ${Math.round(file.startTime)}–${Math.round(file.responseEnd)} ms ${file.name} ${file.bytes}`).join('') : '';
  return `largest paint ${name}: ${Math.round(middle.last.at)} ms (of ${all}; ${middle.last.what}), ${ours.length} files of the page, ${kilobytes} KB${files}`;
};

/** A line for each network, the middle one of several runs. */
export const speed = async (browser) => {
  const lines = [];
  for (const name of Object.keys(NETWORKS)) lines.push(await measured(browser, name));
  return lines;
};
