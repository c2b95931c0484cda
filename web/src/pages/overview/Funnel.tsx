// From drawn to ordered, as bars of one scale. Every rate says what it is a rate of.
import type { Summary } from '../../api/types';
import { counted, formatCount, formatPercent, formatRange, wilson } from '../../lib/rates';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';

interface Step {
  name: string;
  count: number;
  of?: { name: string; count: number };
  note?: string;
}

export const stepsOf = (funnel: Summary['funnel']): Step[] => {
  const sent = { name: words.overview.rates.sent, count: funnel.sent };
  const delivered = { name: words.overview.rates.delivered, count: funnel.delivered };
  return [
    { name: words.overview.chosen, count: funnel.drawn, note: funnel.held_out > 0 ? fill(words.overview.heldOutNote, { held_out: formatCount(funnel.held_out) }) : undefined },
    { name: words.overview.givenLink, count: funnel.issued },
    { name: words.overview.sent, count: funnel.sent, of: { name: words.overview.rates.links, count: funnel.issued } },
    { name: words.overview.delivered, count: funnel.delivered, of: sent, note: funnel.failed > 0 ? fill(words.overview.failed, { failed: formatCount(funnel.failed) }) : undefined },
    { name: words.overview.read, count: funnel.read, of: delivered, note: words.overview.readNote },
    { name: words.overview.tapped, count: funnel.clicked, of: delivered, note: fill(words.overview.tappedNote, { taps: counted(funnel.taps, words.counts.tap), taps_raw: formatCount(funnel.taps_raw) }) },
    { name: words.overview.ordered, count: funnel.ordered, of: delivered, note: words.overview.orderedNote },
  ];
};

const Rate = ({ count, of }: { count: number; of: { name: string; count: number } }) => {
  const interval = wilson(count, of.count);
  if (of.count === 0) return null;
  return (
    <span className="quiet small">
      {rich(words.overview.rateOf, { rate: <b>{formatPercent(count / of.count)}</b>, whole: formatCount(of.count), name: of.name })}
      {interval && ` (${formatRange(interval)})`}
    </span>
  );
};

/** The funnel follows messages and the headline counts orders: what lies between the two is said. */
const Orders = ({ funnel, query }: { funnel: Summary['funnel']; query: string }) => {
  const { orders, orders_of_earlier: earlier, orders_afterwards: after } = funnel;
  return (
    <p className="small">
      <s-link href={`/orders?measure=attributed&${query}`}>{counted(orders, words.counts.attributedOrder)}</s-link>{' '}{rich(words.overview.inDays, { earlier: earlier > 0 && fill(words.overview.ofEarlier, { earlier: formatCount(earlier) }), after: after > 0 && fill(words.overview.afterwards, { after: formatCount(after) }) })}
    </p>
  );
};

export const Funnel = ({ funnel, query }: { funnel: Summary['funnel']; query: string }) => {
  const steps = stepsOf(funnel);
  const most = Math.max(1, ...steps.map(({ count }) => count));
  if (funnel.drawn === 0) {
    return (
      <>
        <p className="quiet">{words.overview.noMessages}</p>
        {funnel.orders > 0 && <Orders funnel={funnel} query={query} />}
      </>
    );
  }
  return (
    <>
      <ol className="funnel" aria-label={fill(words.overview.fromTo, { people: counted(funnel.drawn, words.counts.person), orders: counted(funnel.ordered, words.counts.order) })}>
        {steps.map(({ name, count, of, note }) => (
          <li key={name}>
            <span className="funnel-name">{name}</span>
            <span className="funnel-count amount">{formatCount(count)}</span>
            <span className="funnel-bar" aria-hidden="true">
              <i style={{ width: `${(count / most) * 100}%` }} />
            </span>
            <span className="funnel-words">
              {of && <Rate count={count} of={of} />}
              {note && <span className="quiet small">{note}</span>}
            </span>
          </li>
        ))}
      </ol>
      <Orders funnel={funnel} query={query} />
      <p className="funnel-foot quiet small">{words.overview.brackets}</p>
    </>
  );
};
