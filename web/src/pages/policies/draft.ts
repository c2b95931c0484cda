// What the form of a policy holds, and the document it becomes. As with campaigns no rule stands here: what cannot be read as a
// length of time goes to the server as one it refuses, so that the server alone says what is wrong, and where.
import type { Policy } from '../../api/types';

type Terms = Policy['kinds'][string];
type Clock = NonNullable<Terms['clock']>;

/** A length of time as a person writes it. An empty unit: without limit. */
export interface Span {
  count: string;
  unit: string;
}

export interface Kind extends Span {
  on: boolean;
  clock: Clock | '';
  credited: boolean;
}

export interface Draft {
  name: string;
  pick: NonNullable<Policy['pick']>;
  veto: NonNullable<Policy['veto']>;
  basis: NonNullable<Policy['basis']>;
  shared: boolean;
  abandoned: Span;
  kinds: Record<string, Kind>;
}

/** Where the window of a kind may begin, the usual place first; other kinds leave no choice. */
export const CLOCKS: Record<string, Clock[]> = {
  redeem_code: ['code_life', 'issued', 'sent', 'unlimited'],
  person_delivered: ['delivered', 'sent'],
};

const UNITS = [86_400, 3_600, 60];
const spanOf = (seconds: number): Span => {
  const unit = UNITS.find((size) => seconds >= size && seconds % size === 0) ?? 60;
  return { count: String(Number((seconds / unit).toFixed(4))), unit: String(unit) };
};

const secondsOf = ({ count, unit }: Span): number => {
  const typed = count.trim().replace(',', '.');
  return /^\d{1,6}(\.\d{1,4})?$/.test(typed) ? Math.round(Number(typed) * Number(unit)) : -1;
};

const DAY: Span = { count: '1', unit: '86400' };

const kindOf = (kind: string, terms: Terms | undefined): Kind => {
  const usual = CLOCKS[kind]?.[0] ?? '';
  if (!terms) return { on: false, ...DAY, clock: usual, credited: true };
  const span = terms.window_seconds == null ? { count: '', unit: '' } : spanOf(terms.window_seconds);
  return { on: true, ...span, clock: terms.clock ?? usual, credited: terms.credited ?? true };
};

/** A form that begins from a policy, under whatever name was typed. */
export const draftOf = (policy: Policy, kinds: string[], name: string): Draft => ({
  name,
  pick: policy.pick ?? 'strongest',
  veto: policy.veto ?? 'weak',
  basis: policy.basis ?? 'net_sales',
  shared: policy.credit_shared ?? true,
  abandoned: spanOf(policy.abandoned_after_seconds ?? 3_600),
  kinds: Object.fromEntries(kinds.map((kind) => [kind, kindOf(kind, policy.kinds[kind])])),
});

const termsOf = (kind: string, { clock, credited, ...span }: Kind): Terms => ({
  // The usual clock is not named: a policy that is made again as it stands is the same.
  ...(clock !== '' && clock !== CLOCKS[kind]?.[0] && { clock }),
  window_seconds: span.unit === '' || clock === 'unlimited' ? null : secondsOf(span),
  ...(!credited && { credited }),
});

export const bodyOf = ({ name, kinds, pick, veto, basis, shared, abandoned }: Draft): Policy => ({
  name: name.trim(),
  pick,
  veto,
  basis,
  credit_shared: shared,
  abandoned_after_seconds: secondsOf(abandoned),
  kinds: Object.fromEntries(Object.entries(kinds).filter(([, { on }]) => on).map(([kind, terms]) => [kind, termsOf(kind, terms)])),
});
