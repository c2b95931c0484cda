// One comparison: its sentence, its picture, what has to hold before it may be read, and its numbers.
import type { LiftComparison } from '../../api/types';
import { Intervals } from '../../components/intervals/Intervals';
import { formatDifference, formatMark } from '../../lib/money';
import { formatChange, formatCount } from '../../lib/rates';
import { fill, words } from '../../words';
import { Caused } from './Caused';
import { Gates } from './Gates';
import { Numbers } from './Numbers';
import { furtherOf, headlineOf, outlookOf, type Scope } from './said';
import { GATE, stateOfComparison, toneOfState, type State } from './verdict';

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

/** What cannot be seen yet, with the planned effect in it or beyond it. */
const Blind = ({ comparison }: { comparison: LiftComparison }) => {
  const { outlook } = comparison;
  const relative = outlook?.detectable_relative;
  if (!outlook || relative == null || relative <= 0) return null;
  const text = outlookOf(comparison);
  return (
    <>
      <Intervals
        label={text.join(' ')}
        mark={formatChange}
        zero={words.lift.zero}
        point={{ at: outlook.planned, name: fill(words.lift.plannedPoint, { effect: formatChange(outlook.planned) }) }}
        lines={[
          {
            id: 'blind',
            kind: 'blind',
            name: words.lift.blind,
            said: fill(words.lift.blindSaid, { low: formatChange(-relative), high: formatChange(relative) }),
            value: 0,
            low: -relative,
            high: relative,
          },
        ]}
      />
      <p>{text.join(' ')}</p>
    </>
  );
};

const Steps = ({ have }: { have: number }) => (
  <p className="lift-steps" role="img" aria-label={fill(words.lift.steps, { have: formatCount(have), needed: formatCount(GATE) })}>
    {Array.from({ length: GATE }, (_, index) => (
      <i key={index} className={index < have ? 'lift-step-done' : undefined} />
    ))}
  </p>
);

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
      <div>
        <StateBadge state={state} />
      </div>
      <p className="lift-said">{headline}</p>
      {furtherOf(comparison, state).map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
      {state === 'refused' && <Repair />}
      {state === 'early' && (
        <>
          <Steps have={comparison.conversions ?? 0} />
          <Blind comparison={comparison} />
        </>
      )}
      {state !== 'refused' && <Money comparison={comparison} label={headline} />}
      {comparison.figures && <Caused comparison={comparison} />}
      <Gates comparison={comparison} complete={complete} horizon={horizon} />
      <Numbers comparison={comparison} isRefused={state === 'refused'} />
    </div>
  );
};
