// What has to hold before a figure may be read, each in words.
import type { LiftComparison } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { counted, formatCount, formatPercent } from '../../lib/rates';
import { fill, words } from '../../words';
import { GATE } from './verdict';

type Mark = 'holds' | 'waits' | 'fails' | 'notes';

interface Gate {
  id: string;
  mark: Mark;
  text: string;
}

/** Where people are assigned and no share was planned, there is none to compare with. */
const ratioGate = ({ sample_ratio: ratio, against, treated }: LiftComparison): Gate[] => {
  if (!ratio) return against.assigned + treated.assigned > 0 ? [] : [{ id: 'ratio', mark: 'waits', text: words.lift.gates.nobody }];
  const actual = against.assigned / Math.max(1, against.assigned + treated.assigned);
  const places = { planned: formatPercent(ratio.planned), actual: formatPercent(actual) };
  return [{ id: 'ratio', mark: ratio.refused ? 'fails' : 'holds', text: fill(ratio.refused ? words.lift.gates.ratioRefused : words.lift.gates.ratio, places) }];
};

const horizonGate = ({ against, treated }: LiftComparison, horizon: number | null | undefined): Gate => {
  const [closed, all] = [against.recipients + treated.recipients, against.assigned + treated.assigned];
  const people = { closed: formatCount(closed), all: formatCount(all) };
  const text = horizon == null ? fill(words.lift.gates.counted, people) : fill(words.lift.gates.closed, { ...people, days: counted(horizon, words.counts.day) });
  return { id: 'horizon', mark: closed > 0 ? 'holds' : 'waits', text };
};

/** Where a gate before it refuses, nobody counted. */
const purchasesGate = ({ conversions, stage }: LiftComparison): Gate[] => {
  if (stage === 'refused') return [];
  const have = conversions ?? 0;
  const places = { have: formatCount(have), needed: formatCount(GATE) };
  if (have < GATE) return [{ id: 'purchases', mark: 'waits', text: fill(words.lift.gates.few, places) }];
  return [{ id: 'purchases', mark: 'holds', text: fill(stage === 'welch' ? words.lift.gates.welch : words.lift.gates.twoPart, places) }];
};

/** Codes in the hands of those who were to get nothing. */
const contaminationGate = ({ against: { name, with_code: redeemed, recipients } }: LiftComparison): Gate[] => {
  if (name !== 'nothing' || recipients === 0) return [];
  const pure: Gate = { id: 'contamination', mark: 'holds', text: fill(words.lift.gates.pure, { people: counted(recipients, words.counts.person) }) };
  return [redeemed === 0 ? pure : { id: 'contamination', mark: 'notes', text: fill(words.lift.gates.contaminated, { orders: counted(redeemed, words.counts.order) }) }];
};

const MARKS: Record<Mark, string> = { holds: '✓', waits: '…', fails: '✕', notes: '!' };

export const Gates = ({ comparison, complete, horizon }: { comparison: LiftComparison; complete: string | null | undefined; horizon: number | null | undefined }) => {
  const { time_zone: zone } = useShop();
  const whole: Gate = complete
    ? { id: 'whole', mark: 'holds', text: fill(words.lift.gates.whole, { complete: formatInstant(complete, zone) }) }
    : { id: 'whole', mark: 'waits', text: words.lift.gates.notWhole };
  const gates = [...ratioGate(comparison), whole, horizonGate(comparison, horizon), ...contaminationGate(comparison), ...purchasesGate(comparison)];
  return (
    <div>
      <h3 className="lift-sub">{words.lift.gates.heading}</h3>
      <ul className="lift-gates">
        {gates.map(({ id, mark, text }) => (
          <li key={id} className={`lift-gate-${mark}`} data-gate={id}>
            <i aria-hidden="true">{MARKS[mark]}</i>
            <span>
              <span className="hidden">{words.lift.gates[mark]} </span>
              {text}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
};
