// How far a comparison has come and what it says, before it is put in words.
import type { LiftComparison } from '../../api/types';

/** Purchases each group needs before any interval of money. */
export const GATE = 20;

/**
 * `refused`: a gate refuses it. `unchecked`: up to when everything is here is not known. `open`: nobody's days are over. `early`: too
 * few have bought. `silent`: what was bought gives no interval. `more`, `less`: the interval lies on one side of zero. `unclear`: it
 * touches zero.
 */
export type State = 'refused' | 'unchecked' | 'open' | 'early' | 'silent' | 'more' | 'less' | 'unclear';

interface Limits {
  low: number;
  high: number;
}

export const stateOf = (stage: LiftComparison['stage'], money: Limits | null, isKnown: boolean): State => {
  if (stage === 'refused') return 'refused';
  if (stage === 'nothing_closed') return isKnown ? 'open' : 'unchecked';
  if (stage === 'too_early') return 'early';
  if (money === null) return 'silent';
  if (money.low > 0) return 'more';
  return money.high < 0 ? 'less' : 'unclear';
};

export const limitsOf = (figures: LiftComparison['figures']): Limits | null =>
  figures ? { low: figures.incremental.low.minor, high: figures.incremental.high.minor } : null;

export const stateOfComparison = ({ stage, figures }: LiftComparison, isKnown: boolean): State => stateOf(stage, limitsOf(figures), isKnown);

type Tone = 'success' | 'critical' | 'warning' | 'neutral';

/** What may be said by a colour: a gain only where the interval shows one. */
export const toneOfState = (state: State): Tone => {
  if (state === 'more') return 'success';
  if (state === 'less') return 'critical';
  return state === 'refused' ? 'warning' : 'neutral';
};
