import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { Lift } from '../../api/types';
import { toneOf } from '../../components/intervals/tone';
import { chooseLocale } from '../../lib/locale';
import { summary } from '../../test/fixtures';
import { byHorizon, byMeta, byMonth, comparisons, inParts, noMeta, noProgram, nothingTogether, ofCampaign, ofProgram, pooled, program, recovery, threeArms, together } from '../../test/lift';
import { open, PENDING, refusal, serve } from '../../test/render';
import { LANGUAGES, speak } from '../../words';
import { timesOf } from './names';
import { stateOf } from './verdict';

const LIFT = '/api/reports/lift';
const noCarts = { ...recovery, treated: { ...recovery.treated, checkouts: 0 }, held_out: { ...recovery.held_out, checkouts: 0 }, ages: [] };
const share = (of: number) => ({ share: of, held: 5_000 * of, cost: { minor: 90_000 * of, currency: 'EUR' }, conversions: 150 * of, interval_shown: of > 0.15, detectable_minor: 80, detectable_relative: 0.7, detectable_conversion: 0.02, recipients_needed: 90_000 });
const plan = { asked: share(0.1), others: [share(0.05), share(0.2), share(0.5)], cheapest: { per_arm: 700, share: 0.14 }, sentence: '' };

const shown = async (answer: Lift): Promise<HTMLElement> => {
  serve({ [LIFT]: answer });
  open('/lift?campaign=c1');
  await screen.findByText('What has to hold before a number may be read');
  return document.querySelector('[data-state]') as HTMLElement;
};
const gates = (): Record<string, string> => Object.fromEntries([...document.querySelectorAll<HTMLElement>('[data-gate]')].map((gate) => [gate.dataset.gate, gate.textContent ?? '']));
const said = (line: string): string => document.querySelector(`[data-line="${line}"]`)?.textContent ?? '';

afterEach(() => speak(chooseLocale(LANGUAGES, '?locale=en-US')));

describe('lift of a campaign', () => {
  it('waits, and fails with the detail', async () => {
    serve({ [LIFT]: PENDING });
    open('/lift?campaign=c1').unmount();
    serve({ [LIFT]: refusal });
    open('/lift?campaign=c1');
    expect(await screen.findByText('They will be back within a minute.')).toBeTruthy();
  });

  it('says a clear effect as a share of what is claimed, and draws it as a gain', async () => {
    const part = await shown(ofCampaign(comparisons.clear));
    expect(part.dataset.state).toBe('more');
    expect(screen.getByText('Of €100 this campaign claims, between €12 and €61 would not have come without it.')).toBeTruthy();
    expect(said('incremental')).toContain('+€18,360.00 (between +€5,916.00 and +€30,804.00)');
    expect(document.querySelector('[data-line="incremental"] .interval-gain')).toBeTruthy();
    expect(said('default')).toBe('Your shop: claims €50,500.00 claims between 1.64 and 8.54 times what was caused');
    expect(screen.getByText(/^Net sales a person within 7 days of their message being due, by any road/)).toBeTruthy();
    expect(gates().contamination).toContain('Note: 2 orders with one of our codes');
    expect(gates().horizon).toContain('22,660 of 23,930 people had their 7 days to buy');
    const buyers = document.querySelector('[data-row="buyers"]') as HTMLElement;
    expect(within(buyers).getAllByRole('cell').map((cell) => cell.textContent)).toEqual(['1,224 · 6%', '102 · 4.5%']);
    expect(document.querySelector('[data-fact="conversion"]')?.textContent).toContain('+1.49 (between +0.49 and +2.31) percentage points');
    expect(said('cuped')).toContain('+€0.87');
    expect(screen.getByText(/Whoever bought for more than €189.00/)).toBeTruthy();
  });

  it('promises more than is claimed only as such', async () => {
    await shown(ofCampaign({ ...comparisons.clear, claims: [{ policy: 'default', claimed: { minor: 1_836_000, currency: 'EUR' }, over_attribution: null }] }));
    expect(screen.getByText('For every €100 this campaign claims, between €32 and €168 would not have come without it.')).toBeTruthy();
  });

  it('tells no effect from chance where the interval touches zero, in no colour', async () => {
    const part = await shown(ofCampaign(comparisons.none));
    expect(part.dataset.state).toBe('unclear');
    expect(screen.getByText('Whether this campaign brought any money cannot be told from chance.')).toBeTruthy();
    expect(screen.getByText(/most likely between -€5,594.00 and €4,351.00. Zero is within/)).toBeTruthy();
    expect(document.querySelector('.interval-gain, .interval-loss')).toBeNull();
    expect(said('default')).toContain('claims at least 1.61 times what was caused, or nothing was caused');
    expect(screen.getByText('An effect of 10% does not become visible within ten years at this pace.')).toBeTruthy();
  });

  it('says that more people bought, where the money of it cannot be told', async () => {
    await shown(ofCampaign({ ...comparisons.none, conversion: { low: 0.0086, value: 0.0396, high: 0.0647 } }));
    expect(screen.getByText('More people did buy: 0.86 to 6.47 percentage points more than of those left alone. What that is in money is what cannot be told yet.')).toBeTruthy();
    document.body.replaceChildren();
    await shown(ofCampaign({ ...comparisons.none, conversion: { low: -0.05, value: -0.03, high: -0.01 } }));
    expect(screen.getByText(/^Fewer people did buy: 1 to 5 percentage points fewer/)).toBeTruthy();
  });

  it('says a loss', async () => {
    const part = await shown(ofCampaign(comparisons.less));
    expect(part.dataset.state).toBe('less');
    expect(screen.getByText('This campaign cost sales: between €518.00 and €7,770.00 less was bought than without it.')).toBeTruthy();
    expect(said('default')).toContain('cannot be told');
  });

  it('says too early with its day and the smallest effect that could be seen, and no amount', async () => {
    const part = await shown(ofCampaign(comparisons.early));
    expect(part.dataset.state).toBe('early');
    expect(screen.getByText(/^4 of the 20 purchases .* March 12, 2027 at the earliest\.$/)).toBeTruthy();
    expect(screen.getByText(/Today only an effect of 170% or more would be seen: €2.98 a person. An effect of 10% becomes visible on May 2, 2031 at the earliest./)).toBeTruthy();
    expect(screen.getByRole('img', { name: '4 of 20 purchases in the smaller group' }).querySelectorAll('.lift-step-done')).toHaveLength(4);
    expect(said('blind')).toContain('effects between -170% and +170%');
    expect(said('incremental')).toBe('');
    expect(screen.queryByText('Claimed, beside what was caused')).toBeNull();
    expect(document.querySelector('[data-fact="conversion"]')).toBeTruthy();
  });

  it('says which gate refuses, why, and what to do', async () => {
    const part = await shown(ofCampaign(comparisons.refused));
    expect(part.dataset.state).toBe('refused');
    expect(screen.getByText(/10% of the recipients were to be left alone; 612 of 4,182 were, which is 15%/)).toBeTruthy();
    expect(gates().ratio).toMatch(/^✕Fails: /);
    expect(screen.getByText('What to do:')).toBeTruthy();
    expect(gates().purchases).toBeUndefined();
    expect(document.querySelector('[data-fact], [data-line], [data-row="revenue"]')).toBeNull();
  });

  it('says that nobody’s days are over, or that nothing is compared yet', async () => {
    expect((await shown(ofCampaign(comparisons.open))).dataset.state).toBe('open');
    document.body.replaceChildren();
    expect((await shown({ ...ofCampaign(comparisons.open), complete_through: null })).dataset.state).toBe('unchecked');
    expect(gates().whole).toContain('Not yet:');
  });

  it('judges the code apart from the message, and meters the discounts', async () => {
    await shown(threeArms);
    expect(said('message_and_code-message')).toContain('Message and code against Message alone');
    expect(screen.getByText(/between 36 and 168 more buyers among 10,200 people/)).toBeTruthy();
    expect(screen.getByRole('img', { name: /Of €9,100.00 given in discounts, between 75% and 95% went/ })).toBeTruthy();
  });

  it('says when nobody is left alone, and where to change that', async () => {
    serve({ [LIFT]: ofCampaign(comparisons.clear, { comparisons: [], holdout: 0 }) });
    open('/lift?campaign=c1');
    expect(await screen.findByText('This campaign leaves nobody alone')).toBeTruthy();
    expect(screen.getByText('Leave a share of its recipients alone').getAttribute('href')).toBe('/campaigns/c1/change');
  });

  it('speaks German', async () => {
    await speak(chooseLocale(LANGUAGES, '?locale=de-DE'));
    serve({ [LIFT]: ofCampaign(comparisons.clear) });
    open('/lift?campaign=c1');
    expect(await screen.findByText(/^Von 100\s€, die diese Kampagne beansprucht, wären zwischen 12\s€ und 61\s€ ohne sie nicht gekommen\.$/)).toBeTruthy();
  });
});

describe('lift of the shop', () => {
  it('has the programme first, then campaigns together and side by side, then carts', async () => {
    const asked = serve({ [LIFT]: (url: URL) => (url.searchParams.has('program') ? ofProgram(comparisons.clear) : together), '/api/lift/program': program, '/api/reports/recovery': recovery });
    open('/lift?from=2026-10-01&to=2026-11-22');
    expect(await screen.findByText('Of €100 your messages claim, between €12 and €61 would not have come without them.')).toBeTruthy();
    expect(await screen.findByText('These campaigns brought between €5,964.00 and €29,820.00 that would not have come without them.')).toBeTruthy();
    expect(asked.map(({ search }) => search)).toContain('?from=2026-10-01&to=2026-11-22&horizon_days=7');
    expect(asked.map(({ search }) => search)).toContain('?program=');
    expect(said('next')).toContain('+€0.61 (between -€1.18 and +€2.40)');
    expect(document.querySelector('[data-line="next"] .interval-neutral')).toBeTruthy();
    expect(screen.getByRole('region', { name: 'Campaign by campaign, shrunk toward the programme' })).toBeTruthy();
    const row = (id: string): string => document.querySelector(`[data-campaign="${id}"]`)?.textContent ?? '';
    expect(row('c1')).toContain('Stands out, also when one looks at 5 campaigns');
    expect(row('c2')).toContain('Not told from chance when one looks at 5 campaigns');
    expect(row('c5')).toContain('Too few purchases of its own');
    // Its own interval does not touch zero, but one of five often does not by chance.
    expect(document.querySelector('[data-line="c2"] .interval-neutral')).toBeTruthy();
    expect(document.querySelector('[data-line="c1"] .interval-gain')).toBeTruthy();
    expect(await screen.findByText('Of 940 checkouts written to, 188 came back; between 8 and 116 of them would not have without a message.')).toBeTruthy();
    expect(screen.getByText('End the programme')).toBeTruthy();
  });

  it('says what a holdout is and costs where there is none, and begins one', async () => {
    const begun: unknown[] = [];
    serve({
      [LIFT]: nothingTogether,
      'GET /api/lift/program': noProgram,
      'PUT /api/lift/program': async (_: URL, request: Request) => {
        begun.push(await request.json());
        return program;
      },
      '/api/reports/recovery': noCarts,
      '/api/lift/plan': plan,
      '/api/reports/summary': summary,
    });
    open('/lift');
    expect(await screen.findByText('Nobody is left alone yet')).toBeTruthy();
    expect(await screen.findByText(/Leaving 10% alone \(500 people\) costs about €90.00 if messages bring 10% more. Fewer than 20/)).toBeTruthy();
    fireEvent.click(screen.getByRole('radio', { name: '20%' }));
    fireEvent.click(screen.getByText('Leave 20% alone from now on'));
    await waitFor(() => expect(begun).toEqual([{ share: 0.2 }]));
    expect(await screen.findByText('End the programme')).toBeTruthy();
  });

  it('shows no table of three campaigns', async () => {
    serve({ [LIFT]: { ...together, pooled: { ...pooled, league: [] } }, '/api/lift/program': noProgram, '/api/reports/recovery': noCarts, '/api/lift/plan': plan });
    open('/lift');
    expect(await screen.findByText('It takes 4 campaigns with a holdout to put them side by side.')).toBeTruthy();
  });
});

describe('in parts', () => {
  const parted = (url: URL): Lift => {
    const by = url.searchParams.get('by');
    return by === 'horizon' ? inParts(byHorizon) : by === 'month' ? inParts(byMonth) : together;
  };
  const choose = (value: string) => {
    const control = document.querySelector('.lift-by s-select')?.shadowRoot?.querySelector('select') as HTMLSelectElement;
    control.value = value;
    fireEvent(control, new Event('change', { bubbles: true }));
  };

  it('has a colour only where a month stands out among all, and says which wait', async () => {
    const asked = serve({ [LIFT]: parted, '/api/lift/program': noProgram, '/api/reports/recovery': noCarts, '/api/reports/lift/meta': noMeta, '/api/lift/plan': plan });
    open('/lift');
    const section = await screen.findByRole('region', { name: 'Campaigns in parts' });
    await within(section).findByText('+€1.10 (between +€0.40 and +€1.80)');
    expect(asked.some(({ searchParams }) => searchParams.get('by') === 'month' && searchParams.get('horizon_days') === '7')).toBe(true);
    expect(section.querySelector('[data-line="2026-10"] .interval-gain')).toBeTruthy();
    expect(section.querySelector('[data-line="2026-09"] .interval-neutral')).toBeTruthy();
    expect(section.querySelector('[data-line="2026-11"]')).toBeNull();
    expect(within(section).getByText('6 of 20 purchases in the smaller group')).toBeTruthy();
    expect(section.querySelector('[data-part="2026-11"]')?.textContent).toContain('8,460 / 940 left alone');
  });

  it('says whether purchases were only made earlier, of the same people', async () => {
    serve({ [LIFT]: parted, '/api/lift/program': noProgram, '/api/reports/recovery': noCarts, '/api/reports/lift/meta': noMeta, '/api/lift/plan': plan });
    open('/lift');
    await screen.findByRole('region', { name: 'Campaigns in parts' });
    choose('horizon');
    expect(await screen.findByText('Of what came in the first 7 days a part is gone after 60 days, and a part is still there.')).toBeTruthy();
    expect(document.querySelectorAll('[data-line="7"] .interval-gain, [data-line="60"] .interval-gain')).toHaveLength(2);
  });

  it('has Meta’s own experiment as a second control, with no planned share and its caveats', async () => {
    serve({ [LIFT]: together, '/api/lift/program': noProgram, '/api/reports/recovery': noCarts, '/api/reports/lift/meta': byMeta, '/api/lift/plan': plan });
    open('/lift');
    const section = await screen.findByRole('region', { name: 'A second control: Meta’s own experiment' });
    expect(section.textContent).toContain('Kept back here: 1%.');
    expect(within(section).getByText('Whether WhatsApp marketing brought any money cannot be told from chance by this control.')).toBeTruthy();
    expect(section.querySelector('[data-gate="ratio"], [data-gate="contamination"]')).toBeNull();
    expect(within(section).getByText(/Nobody here drew these people/)).toBeTruthy();
  });

  it('says when campaigns together can be told', async () => {
    const early = { ...pooled, stage: 'too_early' as const, conversions: 9, these: null, incremental: null, average: null, next: null, league: [], outlook: comparisons.early.outlook };
    serve({ [LIFT]: { ...together, pooled: early }, '/api/lift/program': noProgram, '/api/reports/recovery': noCarts, '/api/reports/lift/meta': noMeta, '/api/lift/plan': plan });
    open('/lift');
    expect(await screen.findByText(/^9 of the 20 purchases .* March 12, 2027 at the earliest\.$/)).toBeTruthy();
    expect(said('blind')).toContain('-170%');
  });
});

describe('what may be said', () => {
  it('is neutral as soon as an interval touches zero', () => {
    expect([toneOf({ low: 0, high: 3 }), toneOf({ low: -3, high: 0 }), toneOf({ low: 1, high: 2 }), toneOf({ low: -2, high: -1 })]).toEqual(['neutral', 'neutral', 'gain', 'loss']);
    expect([stateOf('welch', { low: 0, high: 5 }, true), stateOf('two_part', null, true)]).toEqual(['unclear', 'silent']);
  });

  it('gives no multiple where the interval gives none', () => {
    expect(timesOf({ form: 'outside', estimate: 2, at_most: -1, at_least: null })).toBe('how many times what was caused cannot be told');
    expect(timesOf({ form: 'anything', estimate: null })).toBe('how many times what was caused cannot be told');
  });
});
