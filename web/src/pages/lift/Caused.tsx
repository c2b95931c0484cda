// Claimed against caused: what each policy attributes to these messages, before the interval of what they brought.
import type { LiftComparison } from '../../api/types';
import { Explain } from '../../components/Explain';
import { Intervals } from '../../components/intervals/Intervals';
import { formatMark, formatMoney } from '../../lib/money';
import { fill, words } from '../../words';
import { policyName, timesOf } from './names';

export const Caused = ({ comparison: { claims, figures } }: { comparison: LiftComparison }) => {
  const stated = claims.filter(({ claimed }) => claimed.minor > 0);
  if (!figures || stated.length === 0) return null;
  const { low, high } = figures.incremental;
  const currency = low.currency;
  return (
    <div className="lift-caused">
      <h3 className="lift-sub">
        {words.lift.caused.heading} <Explain title={words.lift.caused.heading} text={words.lift.caused.text} />
      </h3>
      <Intervals
        label={words.lift.caused.heading}
        mark={(minor) => formatMark({ minor: Math.round(minor), currency })}
        behind={{ low: low.minor, high: high.minor }}
        lines={stated.map(({ policy, claimed, over_attribution: index }) => ({
          id: policy,
          kind: 'bar',
          name: fill(words.lift.caused.claims, { name: policyName(policy), amount: formatMoney(claimed) }),
          said: index ? timesOf(index) : '',
          value: claimed.minor,
          low: claimed.minor,
          high: claimed.minor,
        }))}
      />
      <p className="quiet small">
        {fill(words.lift.caused.band, { low: formatMoney(low), high: formatMoney(high) })} <s-link href="/claims?days=90">{words.lift.caused.others}</s-link>
      </p>
    </div>
  );
};
