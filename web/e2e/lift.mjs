// What messages caused, as the shop's own history says it; and the page in each state a comparison can come to, with answers written
// beforehand, because no fortnight of a pretend shop comes to all of them.
import { strict as assert } from 'node:assert';
import { runnerImport } from 'vite';
import { answerOf, base, fits, written } from './browser.mjs';

const { module: told } = await runnerImport(new URL('../src/test/lift.ts', import.meta.url).pathname);
const LIFT = '/api/reports/lift';

/** How an answer has to be shown, worked out apart from the page. */
const stateOf = ({ stage }, money, complete) => {
  if (stage === 'refused') return 'refused';
  if (stage === 'nothing_closed') return complete ? 'open' : 'unchecked';
  if (stage === 'too_early') return 'early';
  if (!money) return 'silent';
  return money.low.minor > 0 ? 'more' : money.high.minor < 0 ? 'less' : 'unclear';
};

const isOf = (response, isAsked) => new URL(response.url()).pathname === LIFT && isAsked(new URL(response.url()).searchParams);

/** The next answer about all campaigns: the page asks for the programme at the same address. */
const pooledAnswer = (page) =>
  page
    .waitForResponse((response) => isOf(response, (params) => !params.has('program') && !params.has('by')))
    .then((response) => response.json());

/** The next answer in parts. */
const partsAnswer = (page, by) => page.waitForResponse((response) => isOf(response, (params) => params.get('by') === by && !params.has('program'))).then((response) => response.json());

/** Nothing is dimmed any more, or brightens up, because newer numbers are on their way. */
const settled = async (page) => {
  // What is reckoned while one types is asked for a moment after.
  await page.waitForTimeout(500);
  await page.waitForFunction(() => document.querySelector('.stale, .skeleton') === null);
  await page.evaluate(() => Promise.allSettled(document.getAnimations().map(({ finished }) => finished)));
};

const counted = (text) => Number(text.replaceAll(',', '').split(' ')[0]);

/** All campaigns together, then one of them, by its link: the groups are the API's, and no colour says more than the interval. */
export const lift = async (page) => {
  const [{ pooled, complete_through: complete }, recovery, { parts: months }] = await Promise.all([
    pooledAnswer(page),
    answerOf(page, '/api/reports/recovery'),
    partsAnswer(page, 'month'),
    page.goto(`${base}/lift`),
  ]);
  assert.ok(pooled.campaigns > 0, 'the pretend shop leaves somebody alone');
  const together = page.locator('[data-state]').last();
  await together.waitFor();
  assert.equal(await together.getAttribute('data-state'), stateOf(pooled, pooled.incremental, complete));
  if (pooled.incremental) await page.locator('[data-line="these"]').waitFor();
  if (recovery.treated.checkouts > 0) await page.locator('s-section[heading^="Abandoned carts"] table').waitFor();
  await settled(page);
  const divided = page.locator('s-section[heading="Campaigns in parts"]');
  assert.equal(await divided.locator('[data-part]').count(), months.parts.length, 'every month has its row');
  const [{ parts: horizons }] = await Promise.all([partsAnswer(page, 'horizon'), divided.locator('.lift-by select').selectOption('horizon')]);
  await settled(page);
  assert.equal(await divided.locator('[data-part]').count(), horizons.parts.length);
  await fits(page);
  await page.picture('shop');
  const { campaigns } = await Promise.all([answerOf(page, '/api/campaigns'), page.goto(`${base}/campaigns`)]).then(([answer]) => answer);
  const [{ id, held_out: held }] = campaigns.toSorted((a, b) => b.held_out - a.held_out);
  assert.ok(held > 0, 'a campaign leaves somebody alone');
  await page.goto(`${base}/campaigns/${id}`);
  const link = page.locator(`s-link[href^="/lift?campaign=${id}"]`).first();
  const [{ experiment, complete_through: through }] = await Promise.all([pooledAnswer(page), link.click()]);
  const [main] = experiment.comparisons;
  const part = page.locator('[data-state]').first();
  await part.waitFor();
  assert.equal(await part.getAttribute('data-state'), stateOf(main, main.figures?.incremental, through));
  await page.locator('.lift-numbers summary').first().click();
  const cells = async (row) => page.locator(`[data-row="${row}"] td`).allInnerTexts();
  assert.deepEqual((await cells('assigned')).map(counted), [main.treated.assigned, main.against.assigned]);
  if (main.stage !== 'refused') assert.deepEqual((await cells('revenue')).slice(0, 2), [written(main.treated.revenue), written(main.against.revenue)]);
  if (main.figures) {
    const { low, high } = main.figures.incremental;
    assert.equal(await page.locator('[data-line="incremental"] .interval-gain').count(), low.minor > 0 ? 1 : 0);
    assert.equal(await page.locator('[data-line="incremental"] .interval-loss').count(), high.minor < 0 ? 1 : 0);
  }
  await fits(page);
};

const STATES = [
  ['early', told.ofCampaign(told.comparisons.early), 'Too early to say what the messages brought.', 'Es ist zu früh, um zu sagen, was die Nachrichten gebracht haben.'],
  ['refused', told.ofCampaign(told.comparisons.refused), 'Nothing is said: the groups are not as they were planned.', 'Dazu wird nichts gesagt: Die Gruppen sind nicht so, wie sie geplant waren.'],
  ['none', told.ofCampaign(told.comparisons.none), 'Whether this campaign brought any money cannot be told from chance.', 'Ob diese Kampagne Geld gebracht hat, lässt sich nicht vom Zufall unterscheiden.'],
  ['clear', told.ofCampaign(told.comparisons.clear), 'Of €100 this campaign claims, between €12 and €61 would not have come without it.', 'Von 100 €, die diese Kampagne beansprucht, wären zwischen 12 € und 61 € ohne sie nicht gekommen.'],
  ['arms', told.threeArms, 'Is it the message, or the code?', 'Ist es die Nachricht oder der Code?'],
];

/** Answers of our own for a while: by path, a document, or a function of the address. */
const answering = async (page, answers, walk) => {
  const handler = (route) => {
    const url = new URL(route.request().url());
    const answer = answers[url.pathname];
    return answer === undefined ? route.continue() : route.fulfill({ json: typeof answer === 'function' ? answer(url) : answer });
  };
  await page.route('**/api/**', handler);
  try {
    await walk();
  } finally {
    await page.unroute('**/api/**', handler);
  }
};

const byMeta = '/api/reports/lift/meta';

/** In parts, where parts are asked for. */
const parted = (url, whole) => ({ horizon: told.inParts(told.byHorizon), month: told.inParts(told.byMonth) })[url.searchParams.get('by')] ?? whole;

const shop = {
  [LIFT]: (url) => parted(url, url.searchParams.has('program') ? told.ofProgram(told.comparisons.clear) : told.together),
  [byMeta]: told.byMeta,
  '/api/lift/program': told.program,
  '/api/reports/recovery': told.recovery,
};

/** Each state in both languages, and the eyes of those who chose their colours themselves. */
export const states = async (page) => {
  for (const [locale, at] of [['de-DE', 3], ['en-US', 2]]) {
    for (const [name, answer, ...sentences] of STATES) {
      await answering(page, { [LIFT]: (url) => parted(url, answer) }, async () => {
        await page.goto(`${base}/lift?campaign=c1&locale=${locale}`);
        await page.getByText(sentences[at - 2].replaceAll(' €', '\u00a0€'), { exact: true }).first().waitFor();
        await fits(page);
        await page.picture(`${name}-${locale.slice(0, 2)}`);
      });
    }
  }
  await answering(page, shop, async () => {
    await page.goto(`${base}/lift`);
    await page.getByText('Of €100 your messages claim, between €12 and €61 would not have come without them.').waitFor();
    await page.locator('[data-campaign="c1"]').getByText('Stands out, also when one looks at 5 campaigns').waitFor();
    await fits(page);
    await page.picture('whole');
  });
};

/** The pictures say in the dark what they say by day, and to those who chose their colours themselves. */
export const darkened = async (page) => {
  for (const [name, media] of [['dark', { colorScheme: 'dark' }], ['forced', { colorScheme: 'dark', forcedColors: 'active' }]]) {
    await page.emulateMedia(media);
    try {
      for (const [state, answer, sentence] of [...STATES, ['whole', null, 'Of €100 your messages claim, between €12 and €61 would not have come without them.']]) {
        await answering(page, answer ? { [LIFT]: (url) => parted(url, answer) } : shop, async () => {
          await page.goto(`${base}/lift${answer ? '?campaign=c1' : ''}`);
          await page.getByText(sentence, { exact: true }).first().waitFor();
          await settled(page);
          // Whose colours are the reader's own, a judge of contrast reads the page's instead.
          if (name === 'dark') await page.picture(`${state}-dark`);
          const dots = await page.locator('.interval-gain .interval-dot, .interval-neutral .interval-dot').evaluateAll((all) =>
            all.map((dot) => ({ neutral: dot.closest('.interval-neutral') !== null, filled: getComputedStyle(dot).fill === getComputedStyle(dot.parentElement).color })),
          );
          for (const { neutral, filled } of dots) assert.equal(filled, !neutral, 'a dot is hollow where nothing can be told');
        });
      }
    } finally {
      await page.emulateMedia({ colorScheme: null, forcedColors: null });
    }
  }
};

/** Nobody left alone: what it costs, a programme begun, and ended again before anybody is drawn. */
export const programme = async (page) => {
  await answering(page, { [LIFT]: told.nothingTogether }, async () => {
    await page.goto(`${base}/lift`);
    await page.getByText('Nobody is left alone yet').waitFor();
    await page.locator('.planner-said').waitFor();
    await page.locator('[data-share="0.2"] input').check();
    await page.getByText(/^Leaving 20% alone/).waitFor();
    await settled(page);
    await fits(page);
    await page.picture('planned');
  });
  await page.getByText('Leave 20% alone from now on').click();
  await page.getByText('End the programme').first().click();
  const [ended] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'PUT').then((response) => response.json()), page.locator('s-modal').getByText('End the programme', { exact: true }).last().click()]);
  assert.equal(ended.running, null);
  assert.equal(ended.ended[0].share, 0.2);
  await page.getByText(/^Leave 10% alone from now on|^Leave 20% alone from now on/).waitFor();
};

/** What new campaigns leave alone, chosen for the shop with its price beside it, and read by a new campaign's form. */
export const chosen = async (page) => {
  await page.goto(`${base}/shop`);
  const holdout = page.locator('input[name="default_holdout"]');
  await holdout.waitFor();
  const before = await holdout.inputValue();
  await page.getByText('What it costs, and what it would show').click();
  await page.locator('.planner-said').waitFor();
  await page.locator('[data-share="0.05"] input').check();
  assert.equal(await holdout.inputValue(), '5');
  await page.getByText(/^Leaving 5% alone/).waitFor();
  await settled(page);
  await page.picture('planned');
  const save = async () => {
    const answered = page.waitForResponse((response) => response.request().method() === 'PATCH' && response.url().endsWith('/api/settings')).then((response) => response.json());
    await page.getByText('Save these choices').click();
    return answered;
  };
  assert.equal((await save()).default_holdout, 0.05);
  await page.goto(`${base}/campaigns/new`);
  await page.getByText('Empty: 5%, as your shop chose for new campaigns.', { exact: false }).waitFor();
  await page.locator('[name="expected_recipients"] input').fill('20000');
  await page.locator('[name="arms.choice"] select').selectOption('three');
  await page.locator('[name="arms.nothing"] input').fill('10');
  await page.getByText('45% get the message with its code.', { exact: false }).waitFor();
  await page.getByText(/^Among those written to, an effect of the code itself shows from/).waitFor();
  await page.getByText(/^Leaving 10% alone \(2,000 people\)/).waitFor();
  await settled(page);
  await fits(page);
  await page.picture('form');
  await page.locator('s-button', { hasText: /^Cancel$/ }).click();
  await page.locator('s-modal').getByText('Leave without saving', { exact: true }).last().click();
  await page.goto(`${base}/shop`);
  await holdout.fill(before);
  if (before !== '5') await save();
  await fits(page);
};

const CLAIMS = '/api/reports/claims';
const eur = (minor) => ({ minor, currency: 'EUR' });

/** The shop's own claims of half their worth, held against a difference written beforehand: sure, and not to be told from chance. */
export const honest = async (page) => {
  await Promise.all([answerOf(page, CLAIMS), page.goto(`${base}/claims`)]);
  await page.locator('s-section[heading^="Honesty"]').waitFor();
  const { low, high } = { low: 260_000, high: 1_364_000 };
  const against = async (route, incremental, index) => {
    const response = await route.fetch();
    const answer = await response.json();
    const held = (one) => ({ ...one, claimed_measured: { orders: one.claimed.orders, amount: eur(1_000_000) }, over_attribution: index });
    await route.fulfill({ response, json: { ...answer, incremental, measured_orders: 212, ways: answer.ways.map(held), visits: answer.visits.map(held) } });
  };
  const walk = async (incremental, index, sentence, name) => {
    const handler = (route) => against(route, incremental, index);
    await page.route(`**${CLAIMS}*`, handler);
    await page.goto(`${base}/claims`);
    await page.getByText(sentence, { exact: true }).first().waitFor();
    await settled(page);
    await fits(page);
    await page.picture(name);
    await page.unroute(`**${CLAIMS}*`, handler);
  };
  await walk({ low: eur(low), value: eur(812_000), high: eur(high) }, { form: 'between', estimate: 1.23, low: 0.73, high: 3.85 }, 'For every €100 your shop claims, between €26 and €136 would not have come without the messages.', 'sure');
  assert.equal(await page.locator('[data-honesty] .interval-behind.interval-gain').count(), 10, 'eight ways and two tools before one interval');
  await walk({ low: eur(-low), value: eur(552_000), high: eur(high) }, { form: 'outside', estimate: null, at_most: -3.85, at_least: 0.73 }, 'Whether the messages brought any money cannot be told from chance, so no claim is shown to be deserved.', 'unsure');
  assert.equal(await page.locator('[data-honesty] .interval-gain, [data-honesty] .interval-loss').count(), 0);
  await page.locator('[data-honesty] s-link[href="/lift"]').click();
  await page.waitForURL('**/lift');
};
