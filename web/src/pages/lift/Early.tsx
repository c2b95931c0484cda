// Too early, as an answer: how many purchases have come, what could be found today, and when more can be.
import type { LiftComparison } from '../../api/types';
import { Intervals } from '../../components/intervals/Intervals';
import { formatChange, formatCount } from '../../lib/rates';
import { fill, words } from '../../words';
import { outlookOf } from './said';
import { GATE } from './verdict';

/** What cannot be seen yet, with the planned effect in it or beyond it. */
const Blind = ({ outlook, currency }: { outlook: LiftComparison['outlook']; currency: string }) => {
  const relative = outlook?.detectable_relative;
  if (!outlook || relative == null || relative <= 0) return null;
  const text = outlookOf(outlook, currency);
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

export const Early = ({ conversions, outlook, currency }: { conversions: number | null | undefined; outlook: LiftComparison['outlook']; currency: string }) => (
  <>
    <Steps have={conversions ?? 0} />
    <Blind outlook={outlook} currency={currency} />
  </>
);
