// What a comparison says, in one sentence a shop owner reads. It never says more than the interval does.
import type { LiftComparison, Money } from '../../api/types';
import { formatLongDay } from '../../lib/dates';
import { exponentOf, formatMoney, formatWhole, negate } from '../../lib/money';
import { formatCount, formatPercent, formatTimes } from '../../lib/rates';
import { fill, words } from '../../words';
import { GATE, type State } from './verdict';

export type Scope = 'campaign' | 'program' | 'pooled' | 'meta';

interface Between {
  low: Money;
  high: Money;
}

const HUNDRED = 100;

/** Of a hundred that are claimed; where more may have been caused than is claimed, for every hundred. */
export const ofHundred = ({ low, high }: Between, claimed: Money, forms: { within: string; beyond: string }): string => {
  const unit = 10 ** exponentOf(claimed.currency);
  const part = (money: Money): Money => ({ minor: Math.round((HUNDRED * money.minor) / claimed.minor) * unit, currency: claimed.currency });
  const [from, to] = [part(low), part(high)];
  const places = { whole: formatWhole({ minor: HUNDRED * unit, currency: claimed.currency }), low: formatWhole(from), high: formatWhole(to) };
  return fill<string>(to.minor > HUNDRED * unit ? forms.beyond : forms.within, places as never);
};

/** What the interval of money says. */
export const foundSentence = (state: 'more' | 'less' | 'unclear', between: Between, scope: Scope, claimed?: Money): string => {
  if (state === 'unclear') return words.lift.said.unclear[scope];
  if (state === 'less') return fill(words.lift.said.less[scope], { low: formatMoney(negate(between.high)), high: formatMoney(negate(between.low)) });
  if (claimed && claimed.minor > 0 && (scope === 'campaign' || scope === 'program')) return ofHundred(between, claimed, words.lift.claimed[scope]);
  return fill(words.lift.said.more[scope], { low: formatMoney(between.low), high: formatMoney(between.high) });
};

export const headlineOf = (comparison: LiftComparison, state: State, scope: Scope): string => {
  const { figures, claims } = comparison;
  if (figures && (state === 'more' || state === 'less' || state === 'unclear')) return foundSentence(state, figures.incremental, scope, claims[0]?.claimed);
  return quietSentence(state);
};

export const quietSentence = (state: State): string => {
  const { refused, unchecked, open, early, silent } = words.lift.said;
  return { refused, unchecked, open, early, silent, more: silent, less: silent, unclear: silent }[state];
};

/** What comes after the first sentence: the same in amounts, or what is missing and when it will be there. */
export const furtherOf = (comparison: LiftComparison, state: State): string[] => {
  const { figures, sample_ratio: ratio, against, treated } = comparison;
  const all = against.assigned + treated.assigned;
  switch (state) {
    case 'refused':
      return ratio ? [fill(words.lift.further.refused, { planned: formatPercent(ratio.planned), actual: formatPercent(against.assigned / Math.max(1, all)), left: formatCount(against.assigned), all: formatCount(all) })] : [];
    case 'unchecked':
      return [words.lift.further.unchecked];
    case 'open':
      return [words.lift.further.open];
    case 'early':
      return [earlyOf(comparison.conversions, comparison.outlook)];
    case 'unclear':
      return figures ? [fill(words.lift.further.unclear, { low: formatMoney(figures.incremental.low), high: formatMoney(figures.incremental.high) }), ...boughtOf(comparison.conversion), ...outlookOf(comparison.outlook, treated.revenue.currency)] : [];
    case 'more':
    case 'less':
      return [];
    case 'silent':
      return [];
  }
};

/** Who buys at all is known before how much: what an interval of the shares says while the one of money does not. */
export const boughtOf = (conversion: LiftComparison['conversion']): string[] => {
  if (conversion == null || (conversion.low <= 0 && conversion.high >= 0)) return [];
  const points = (difference: number): string => formatTimes(Math.abs(difference) * 100);
  return conversion.low > 0
    ? [fill(words.lift.further.moreBought, { low: points(conversion.low), high: points(conversion.high) })]
    : [fill(words.lift.further.fewerBought, { low: points(conversion.high), high: points(conversion.low) })];
};

type Outlook = LiftComparison['outlook'];

/** How many of the purchases that it takes have come, and when they all will have. */
export const earlyOf = (conversions: number | null | undefined, outlook: Outlook): string => {
  const have = fill(words.lift.further.early, { have: formatCount(conversions ?? 0), needed: formatCount(GATE) });
  if (!outlook) return have;
  return `${have} ${outlook.interval_on ? fill(words.lift.further.intervalOn, { day: formatLongDay(outlook.interval_on) }) : words.lift.further.intervalNever}`;
};

/** What could be found today, and when the planned effect will be. */
export const outlookOf = (outlook: Outlook, currency: string): string[] => {
  if (!outlook) return [];
  const { detectable_relative: relative, detectable_minor: minor, planned, effect_on: day } = outlook;
  const today =
    relative != null && minor != null
      ? [fill(words.lift.further.detectable, { effect: formatPercent(relative), money: formatMoney({ minor: Math.round(minor), currency }) })]
      : [];
  const effect = formatPercent(planned);
  return [...today, day ? fill(words.lift.further.effectOn, { effect, day: formatLongDay(day) }) : fill(words.lift.further.effectNever, { effect })];
};
