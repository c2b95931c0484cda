// Three groups: is it the message or the code, and who was given a discount for what they would have bought anyway.
import type { LiftComparison } from '../../api/types';
import { Explain } from '../../components/Explain';
import { Intervals, type Line } from '../../components/intervals/Intervals';
import { formatDifference, formatMark, formatMoney, shareOf } from '../../lib/money';
import { formatCount, formatPercent, formatPoints } from '../../lib/rates';
import { fill, words } from '../../words';
import { armName } from './names';
import { StateBadge } from './Verdict';
import { stateOfComparison } from './verdict';

const nameOf = ({ treated, against }: LiftComparison): string => fill(words.lift.three.against, { treated: armName(treated.name), against: armName(against.name) });

/** Purchases that the code brought beside those of the message alone, of so many. */
const extraOf = ({ conversion, treated }: LiftComparison): string | null => {
  if (conversion == null) return null;
  const count = (rate: number): string => formatCount(Math.round(rate * treated.recipients));
  return fill(words.lift.three.extra, { low: count(conversion.low), high: count(conversion.high), people: formatCount(treated.recipients), points: formatPoints(conversion.value) });
};

const Subsidy = ({ comparison }: { comparison: LiftComparison }) => {
  const { subsidy, treated } = comparison;
  if (!subsidy || treated.discounts.minor <= 0) return null;
  const clamp = (share: number): number => Math.min(1, Math.max(0, share));
  const [low, high] = [clamp(shareOf(subsidy.low, treated.discounts)), clamp(shareOf(subsidy.high, treated.discounts))];
  const said = fill(words.lift.three.subsidy, { whole: formatMoney(treated.discounts), low: formatPercent(low), high: formatPercent(high) });
  return (
    <div className="lift-subsidy">
      <h3 className="lift-sub">
        {words.lift.three.meter} <Explain title={words.lift.three.meter} text={words.lift.three.meterText} />
      </h3>
      <p>{said}</p>
      <div className="lift-meter" role="img" aria-label={said}>
        <i className="lift-meter-sure" style={{ width: `${low * 100}%` }} />
        <i className="lift-meter-maybe" style={{ width: `${(high - low) * 100}%` }} />
      </div>
      <p className="quiet small">{words.lift.three.meterKey}</p>
    </div>
  );
};

export const Arms = ({ comparisons, isKnown }: { comparisons: LiftComparison[]; isKnown: boolean }) => {
  const shown = comparisons.filter(({ figures }) => figures != null);
  const code = comparisons.at(-1);
  if (comparisons.length === 0 || !code) return null;
  const currency = code.treated.revenue.currency;
  const money = (minor: number): string => formatDifference({ minor: Math.round(minor), currency });
  const lines = shown.map((one): Line => {
    const range = one.figures!.per_recipient;
    return { id: `${one.treated.name}-${one.against.name}`, name: nameOf(one), said: fill(words.lift.between, { value: money(range.value), low: money(range.low), high: money(range.high) }), ...range };
  });
  const extra = extraOf(code);
  return (
    <s-section heading={words.lift.three.heading}>
      <div className="stack">
        <p className="quiet small">{words.lift.three.lead}</p>
        {lines.length > 0 && <Intervals label={words.lift.three.heading} lines={lines} mark={(minor) => formatMark({ minor: Math.round(minor), currency })} zero={words.lift.zero} />}
        <ul className="lift-three">
          {comparisons.map((one) => (
            <li key={nameOf(one)}>
              <StateBadge state={stateOfComparison(one, isKnown)} /> {nameOf(one)}{' '}
              <span className="quiet small">{fill(words.lift.three.people, { treated: formatCount(one.treated.recipients), against: formatCount(one.against.recipients) })}</span>
            </li>
          ))}
        </ul>
        {extra && <p>{extra}</p>}
        <Subsidy comparison={code} />
      </div>
    </s-section>
  );
};
