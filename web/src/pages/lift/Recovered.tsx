// Abandoned checkouts: what came back after a message, what came back by itself, and only the excess as recovered by messages.
import type { Recovery } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Explain } from '../../components/Explain';
import { Intervals } from '../../components/intervals/Intervals';
import { counted, formatCount, formatPercent, formatPoints, formatRange } from '../../lib/rates';
import { fill, words } from '../../words';

type Sum = Recovery['treated'];

const AGES = ['under 2 hours', '2 to 12 hours', '12 to 24 hours', '1 to 3 days', '3 days and more'];
const ageName = (age: string): string => words.lift.recovery.ages[AGES.indexOf(age) as unknown as keyof typeof words.lift.recovery.ages] ?? age;

const sentenceOf = ({ treated, held_out: held, incremental }: Recovery): string => {
  const all = { completed: formatCount(treated.completed), checkouts: counted(treated.checkouts, words.counts.checkout) };
  if (held.checkouts === 0 || incremental == null) return fill(words.lift.recovery.alone, all);
  // Outward, so that rounding never says more than is known.
  if (incremental.low > 0) return fill(words.lift.recovery.more, { ...all, low: formatCount(Math.floor(incremental.low)), high: formatCount(Math.ceil(incremental.high)) });
  return fill(incremental.high < 0 ? words.lift.recovery.less : words.lift.recovery.unclear, all);
};

const Cell = ({ sum }: { sum: Sum }) => (
  <td>
    {sum.rate == null ? (
      '–'
    ) : (
      <>
        <strong>{formatPercent(sum.rate.value)}</strong>
        <span className="quiet small below">{fill(words.lift.recovery.of, { completed: formatCount(sum.completed), checkouts: formatCount(sum.checkouts) })}</span>
        <span className="quiet small below">{formatRange(sum.rate)}</span>
      </>
    )}
  </td>
);

const Row = ({ name, treated, held }: { name: string; treated: Sum; held: Sum }) => (
  <tr>
    <th scope="row">{name}</th>
    <Cell sum={treated} />
    <Cell sum={held} />
    <td>
      <Amount of={treated.revenue} />
    </td>
    <td>
      <Amount of={held.revenue} />
    </td>
  </tr>
);

export const Recovered = ({ recovery }: { recovery: Recovery }) => {
  const { treated, held_out: held, excess, ages, horizon_days: days } = recovery;
  if (treated.checkouts + held.checkouts === 0) return null;
  const sentence = sentenceOf(recovery);
  return (
    <s-section heading={words.lift.recovery.heading}>
      <div className="stack">
        <p className="lift-told">{sentence}</p>
        {excess != null && held.checkouts > 0 && (
          <Intervals
            label={sentence}
            mark={(rate) => fill(words.lift.pointsShort, { points: formatPoints(rate) })}
            zero={words.lift.zero}
            lines={[
              {
                id: 'excess',
                name: words.lift.recovery.excess,
                said: fill(words.lift.points, { range: fill(words.lift.between, { value: formatPoints(excess.value), low: formatPoints(excess.low), high: formatPoints(excess.high) }) }),
                ...excess,
              },
            ]}
          />
        )}
        <p className="quiet small">
          {fill(words.lift.recovery.definition, { days: counted(days, words.counts.day) })} <Explain title={words.lift.recovery.heading} text={words.lift.recovery.text} />
        </p>
        <div className="scroll" role="group" aria-label={words.lift.recovery.byAge} tabIndex={0}>
          <table className="lift-table">
            <thead>
              <tr>
                <th scope="col">{words.lift.recovery.age}</th>
                <th scope="col">{words.lift.recovery.treated}</th>
                <th scope="col">{words.lift.recovery.held}</th>
                <th scope="col">{words.lift.recovery.treatedSales}</th>
                <th scope="col">{words.lift.recovery.heldSales}</th>
              </tr>
            </thead>
            <tbody>
              {ages.map((one) => (
                <Row key={one.age} name={ageName(one.age)} treated={one.treated} held={one.held_out} />
              ))}
              <Row name={words.lift.recovery.all} treated={treated} held={held} />
            </tbody>
          </table>
        </div>
      </div>
    </s-section>
  );
};
