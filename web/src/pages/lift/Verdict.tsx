// One comparison: its sentence, its picture, what has to hold before it may be read, and its numbers.
import type { LiftComparison } from '../../api/types';
import { Explain } from '../../components/Explain';
import { Intervals } from '../../components/intervals/Intervals';
import { formatDifference, formatMark } from '../../lib/money';
import { counted, formatCount } from '../../lib/rates';
import { fill, words } from '../../words';
import { Caused } from './Caused';
import { Early } from './Early';
import { Gates } from './Gates';
import { Numbers } from './Numbers';
import { furtherOf, headlineOf, type Scope } from './said';
import { stateOfComparison, toneOfState, type State } from './verdict';

export const StateBadge = ({ state }: { state: State }) => <s-badge tone={toneOfState(state)}>{words.lift.states[state]}</s-badge>;

/** The interval of money, for everybody who was written to. */
const Money = ({ comparison, label }: { comparison: LiftComparison; label: string }) => {
  const { figures, treated } = comparison;
  if (!figures) return null;
  const { value, low, high } = figures.incremental;
  const currency = value.currency;
  return (
    <Intervals
      large
      label={label}
      mark={(minor) => formatMark({ minor: Math.round(minor), currency })}
      zero={words.lift.zero}
      lines={[
        {
          id: 'incremental',
          name: fill(words.lift.incremental, { people: formatCount(treated.recipients) }),
          said: fill(words.lift.between, { value: formatDifference(value), low: formatDifference(low), high: formatDifference(high) }),
          value: value.minor,
          low: low.minor,
          high: high.minor,
        },
      ]}
    />
  );
};

const Repair = () => (
  <div>
    <p>
      <strong>{words.common.whatToDo}</strong>
    </p>
    <ol className="lift-repair">
      {Object.values(words.lift.repair).map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  </div>
);

interface Props {
  comparison: LiftComparison;
  scope: Exclude<Scope, 'pooled'>;
  complete: string | null | undefined;
  horizon: number | null | undefined;
}

export const Verdict = ({ comparison, scope, complete, horizon }: Props) => {
  const state = stateOfComparison(comparison, complete != null);
  const headline = headlineOf(comparison, state, scope);
  return (
    <div className="stack lift-verdict" data-state={state}>
      <div className="lift-state">
        <StateBadge state={state} />
        <Explain title={words.lift.definition.title} text={fill<string>(words.lift.definition[scope], { days: horizon == null ? '' : counted(horizon, words.counts.day) } as never)} />
      </div>
      <p className="lift-said">{headline}</p>
      {furtherOf(comparison, state).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {state === 'refused' && <Repair />}
      {state === 'early' && <Early conversions={comparison.conversions} outlook={comparison.outlook} currency={comparison.treated.revenue.currency} />}
      {state !== 'refused' && <Money comparison={comparison} label={headline} />}
      {comparison.figures && <Caused comparison={comparison} />}
      <Gates comparison={comparison} complete={complete} horizon={horizon} />
      <Numbers comparison={comparison} isRefused={state === 'refused'} />
    </div>
  );
};
