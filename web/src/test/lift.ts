// One campaign in each state a comparison can come to, a programme, campaigns together, and quiet carts. The numbers of the arms are
// worked out so that they agree with each other.
import type { Experiment, Lift, LiftArm, LiftComparison, LiftPart, LiftParts, MetaControl, Pooled, Programs, Recovery } from '../api/types';

const eur = (minor: number) => ({ minor, currency: 'EUR' });
const between = (low: number, value: number, high: number) => ({ low, value, high });
const money = (low: number, value: number, high: number) => ({ low: eur(low), value: eur(value), high: eur(high) });

const arm = (name: string, over: Partial<LiftArm>): LiftArm => ({ name, assigned: 0, recipients: 0, buyers: 0, orders: 0, with_code: 0, revenue: eur(0), discounts: eur(0), ...over });

const clear: LiftComparison = {
  stage: 'welch',
  sentence: 'Of 100 EUR claimed, between 12 and 61 would not have come without these messages.',
  treated: arm('messages', { assigned: 21_540, recipients: 20_400, buyers: 1_224, orders: 1_301, with_code: 820, revenue: eur(7_344_000), discounts: eur(910_000) }),
  against: arm('nothing', { assigned: 2_390, recipients: 2_260, buyers: 102, orders: 106, with_code: 2, revenue: eur(610_200), discounts: eur(21_000) }),
  sample_ratio: { planned: 0.1, chi2: 0.0042, p: 0.948, refused: false },
  conversions: 102,
  conversion: between(0.0049, 0.0149, 0.0231),
  figures: {
    per_recipient: between(29, 90, 151),
    incremental: money(591_600, 1_836_000, 3_080_400),
    p: 0.0038,
    relative: between(0.07, 0.333, 0.6),
    live: between(2, 90, 178),
    cuped: between(34, 87, 140),
    winsorised: between(31, 84, 137),
    winsorised_at: 18_900,
    profit: money(102_000, 608_000, 1_114_000),
  },
  claims: [
    { policy: 'default', claimed: eur(5_050_000), over_attribution: { form: 'between', estimate: 2.75, low: 1.64, high: 8.54 } },
    { policy: 'klaviyo', claimed: eur(6_900_000), over_attribution: { form: 'between', estimate: 3.76, low: 2.24, high: 11.66 } },
  ],
  subsidy: null,
  outlook: { detectable_minor: 87, detectable_relative: 0.32, detectable_conversion: 0.0131, planned: 0.1, effect_on: '2027-09-04', interval_on: null },
};

const none: LiftComparison = {
  ...clear,
  stage: 'two_part',
  treated: arm('messages', { assigned: 5_420, recipients: 5_180, buyers: 171, orders: 176, with_code: 96, revenue: eur(1_024_100), discounts: eur(112_000) }),
  against: arm('nothing', { assigned: 598, recipients: 571, buyers: 21, orders: 21, revenue: eur(119_900) }),
  sample_ratio: { planned: 0.1, chi2: 0.03, p: 0.87, refused: false },
  conversions: 21,
  conversion: between(-0.0231, -0.0038, 0.0098),
  figures: { per_recipient: between(-108, -12, 84), incremental: money(-559_400, -62_200, 435_100), p: 0.79, relative: between(-0.43, -0.06, 0.4), live: between(-190, -12, 166), cuped: null, winsorised: between(-99, -14, 71), winsorised_at: 17_300, profit: null },
  claims: [{ policy: 'default', claimed: eur(702_000), over_attribution: { form: 'outside', estimate: null, at_most: -1.25, at_least: 1.61 } }],
  outlook: { detectable_minor: 137, detectable_relative: 0.65, detectable_conversion: 0.021, planned: 0.1, effect_on: null, interval_on: null },
};

const early: LiftComparison = {
  ...clear,
  stage: 'too_early',
  treated: arm('messages', { assigned: 1_350, recipients: 1_120, buyers: 41, orders: 42, with_code: 25, revenue: eur(249_000), discounts: eur(31_000) }),
  against: arm('nothing', { assigned: 152, recipients: 127, buyers: 4, orders: 4, revenue: eur(22_300) }),
  sample_ratio: { planned: 0.1, chi2: 0.02, p: 0.88, refused: false },
  conversions: 4,
  conversion: between(-0.042, 0.0051, 0.0245),
  figures: null,
  claims: [{ policy: 'default', claimed: eur(171_000), over_attribution: null }],
  outlook: { detectable_minor: 298, detectable_relative: 1.7, detectable_conversion: 0.052, planned: 0.1, effect_on: '2031-05-02', interval_on: '2027-03-12' },
};

const refused: LiftComparison = {
  ...clear,
  stage: 'refused',
  treated: arm('messages', { assigned: 3_570, recipients: 3_400, buyers: 150, orders: 158, with_code: 88, revenue: eur(902_000), discounts: eur(101_000) }),
  against: arm('nothing', { assigned: 612, recipients: 590, buyers: 24, orders: 24, revenue: eur(139_100) }),
  sample_ratio: { planned: 0.1, chi2: 99.9, p: 1.6e-23, refused: true },
  conversions: null,
  conversion: null,
  figures: null,
  claims: [{ policy: 'default', claimed: eur(640_000), over_attribution: null }],
  outlook: null,
};

const open: LiftComparison = {
  ...early,
  stage: 'nothing_closed',
  treated: arm('messages', { assigned: 450 }),
  against: arm('nothing', { assigned: 52 }),
  conversions: null,
  conversion: null,
  claims: [],
  outlook: null,
};

const less: LiftComparison = {
  ...none,
  figures: { ...none.figures!, per_recipient: between(-150, -80, -10), incremental: money(-777_000, -414_400, -51_800), relative: between(-0.7, -0.38, -0.05), live: null, winsorised: null },
  claims: [{ policy: 'default', claimed: eur(702_000), over_attribution: { form: 'outside', estimate: null, at_most: -0.9, at_least: null } }],
};

export const comparisons = { clear, none, early, refused, open, less };

const experiment = (comparison: LiftComparison, over: Partial<Experiment> = {}): Experiment => ({
  campaign_id: 'c1',
  program_id: null,
  name: 'Winback',
  holdout: 0.1,
  definition: 'Net sales a recipient within 7 days of being eligible.',
  horizon_days: 7,
  comparisons: [comparison],
  ...over,
});

const answer = (over: Partial<Lift>): Lift => ({ from: '2026-08-25', to: '2026-11-22', complete_through: '2026-11-22T10:40:00Z', experiment: null, pooled: null, ...over });

export const ofCampaign = (comparison: LiftComparison, over: Partial<Experiment> = {}): Lift => answer({ experiment: experiment(comparison, over) });
export const ofProgram = (comparison: LiftComparison): Lift => answer({ experiment: experiment(comparison, { campaign_id: null, program_id: 'p1', name: null, horizon_days: null }) });

/** A third with a message alone. */
export const threeArms: Lift = ofCampaign(clear, {
  comparisons: [
    clear,
    { ...clear, claims: [], treated: arm('message', { assigned: 10_770, recipients: 10_200, buyers: 561, orders: 590, revenue: eur(3_366_000) }), figures: { ...clear.figures!, per_recipient: between(-6, 60, 126), incremental: money(-61_200, 612_000, 1_285_200) } },
    { ...clear, claims: [], treated: arm('message_and_code', { assigned: 10_770, recipients: 10_200, buyers: 663, orders: 711, with_code: 820, revenue: eur(3_978_000), discounts: eur(910_000) }), figures: { ...clear.figures!, per_recipient: between(53, 120, 187), incremental: money(540_600, 1_224_000, 1_907_400) } },
    {
      ...clear,
      claims: [],
      treated: arm('message_and_code', { assigned: 10_770, recipients: 10_200, buyers: 663, orders: 711, with_code: 820, revenue: eur(3_978_000), discounts: eur(910_000) }),
      against: arm('message', { assigned: 10_770, recipients: 10_200, buyers: 561, orders: 590, revenue: eur(3_366_000) }),
      conversion: between(0.0035, 0.01, 0.0165),
      figures: { ...clear.figures!, per_recipient: between(11, 60, 109), incremental: money(112_200, 612_000, 1_111_800) },
      subsidy: money(679_000, 770_000, 861_000),
    },
  ],
});

const inLeague = (id: string, name: string, recipients: number, measured: number, drawn: number, believed: [number, number, number], adjusted: number | null): Pooled['league'][number] => ({
  campaign_id: id,
  name,
  recipients,
  measured,
  drawn,
  believed: between(...believed),
  p: adjusted === null ? null : adjusted / 2,
  p_adjusted: adjusted,
});

export const pooled: Pooled = {
  definition: 'Net sales a recipient within the horizon of being eligible.',
  horizon_days: 7,
  stage: 'welch',
  sentence: 'These campaigns brought between 5916.00 and 30804.00 EUR.',
  campaigns: 5,
  refused: 1,
  holdout: 3_120,
  treated: 28_400,
  holdout_buyers: 141,
  treated_buyers: 1_704,
  conversions: 141,
  conversion: between(0.0049, 0.0148, 0.0231),
  these: between(21, 63, 105),
  incremental: money(596_400, 1_789_200, 2_982_000),
  average: between(-4, 61, 126),
  next: between(-118, 61, 240),
  league: [
    inLeague('c1', 'Winback', 22_660, 90, 0.18, [31, 85, 139], 0.0076),
    inLeague('c2', 'Spring sale', 4_100, 132, 0.62, [5, 87, 169], 0.21),
    inLeague('c3', 'Abandoned carts', 3_020, 44, 0.7, [-31, 57, 145], 0.4),
    inLeague('c4', 'Thank-you', 1_240, -80, 0.88, [-54, 45, 144], null),
    inLeague('c5', 'New arrivals', 500, 300, 0.95, [-40, 74, 188], null),
  ],
};

export const together: Lift = answer({ pooled });
export const nothingTogether: Lift = answer({
  pooled: { ...pooled, stage: 'nothing_closed', campaigns: 0, refused: 0, holdout: 0, treated: 0, holdout_buyers: 0, treated_buyers: 0, conversions: 0, conversion: null, these: null, incremental: null, average: null, next: null, league: [] },
});

export const noProgram: Programs = { running: null, ended: [] };
export const program: Programs = { running: { id: 'p1', share: 0.1, began_at: '2026-09-01T08:00:00Z', ended_at: null }, ended: [] };

const sum = (completed: number, checkouts: number, minor: number, low: number, high: number): Recovery['treated'] => ({
  checkouts,
  completed,
  revenue: eur(minor),
  rate: checkouts > 0 ? between(low, completed / checkouts, high) : null,
});

export const recovery: Recovery = {
  definition: 'Checkouts whose message was due in these days.',
  horizon_days: 7,
  treated: sum(188, 940, 1_410_000, 0.1758, 0.2267),
  held_out: sum(28, 206, 201_000, 0.0957, 0.1895),
  excess: between(0.009, 0.066, 0.123),
  incremental: between(8.46, 62.04, 115.62),
  ages: [
    { age: 'under 2 hours', treated: sum(150, 600, 1_130_000, 0.217, 0.286), held_out: sum(22, 130, 160_000, 0.114, 0.243) },
    { age: '1 to 3 days', treated: sum(38, 340, 280_000, 0.0826, 0.1497), held_out: sum(6, 76, 41_000, 0.0367, 0.1617) },
  ],
  sentence: '188 of 940 checkouts were completed after a message; between 8 and 116 of them would not have been without it.',
};

const partOf = (key: string, over: Partial<LiftPart>): LiftPart => ({
  key,
  campaigns: 2,
  stage: 'two_part',
  holdout: 940,
  treated: 8_460,
  holdout_buyers: 42,
  treated_buyers: 510,
  conversions: 42,
  conversion: between(-0.002, 0.0156, 0.0291),
  per_recipient: between(-20, 58, 136),
  incremental: money(-169_200, 490_680, 1_150_560),
  cumulative: null,
  p: 0.14,
  p_adjusted: 0.21,
  ...over,
});

const waits: Partial<LiftPart> = { stage: 'too_early', conversions: 6, conversion: between(-0.03, 0.01, 0.04), per_recipient: null, incremental: null, p: null, p_adjusted: null };

export const byMonth: LiftParts = {
  by: 'month',
  definition: 'Recipients by the month in which they were assigned.',
  sentence: null,
  parts: [partOf('2026-09', {}), partOf('2026-10', { per_recipient: between(40, 110, 180), p: 0.002, p_adjusted: 0.004 }), partOf('2026-11', waits)],
};

/** Of the same people: half of what came at first is gone. */
export const byHorizon: LiftParts = {
  by: 'horizon',
  definition: 'Cumulative difference.',
  sentence: null,
  parts: [partOf('7', { per_recipient: between(40, 110, 180) }), partOf('30', { per_recipient: between(20, 90, 160) }), partOf('60', { per_recipient: between(5, 55, 105) })],
};

export const inParts = (parts: LiftParts): Lift => ({ ...together, parts });

export const byMeta: MetaControl = {
  definition: 'Those whose message was sent less those from whom Meta’s experiment kept it.',
  horizon_days: 7,
  share: 0.0104,
  comparison: {
    ...none,
    treated: arm('sent', { assigned: 20_100, recipients: 19_400, buyers: 1_164, orders: 1_201, with_code: 700, revenue: eur(6_984_000) }),
    against: arm('kept_back', { assigned: 211, recipients: 204, buyers: 22, orders: 22, revenue: eur(140_000) }),
    sample_ratio: null,
    claims: [],
  },
  caveats: ['Nobody here drew these people.'],
};
export const noMeta: MetaControl = { ...byMeta, share: null, comparison: null };
