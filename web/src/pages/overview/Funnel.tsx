// From drawn to ordered, as bars of one scale. Every rate says what it is a rate of.
import type { Summary } from '../../api/types';
import { counted, formatCount, formatPercent, formatRange, wilson } from '../../lib/rates';

interface Step {
  name: string;
  count: number;
  of?: { name: string; count: number };
  note?: string;
}

export const stepsOf = (funnel: Summary['funnel']): Step[] => {
  const sent = { name: 'sent', count: funnel.sent };
  const delivered = { name: 'delivered', count: funnel.delivered };
  return [
    { name: 'Chosen', count: funnel.drawn, note: funnel.held_out > 0 ? `${formatCount(funnel.held_out)} held out to compare` : undefined },
    { name: 'Given a link', count: funnel.issued },
    { name: 'Sent', count: funnel.sent, of: { name: 'links', count: funnel.issued } },
    { name: 'Delivered', count: funnel.delivered, of: sent, note: funnel.failed > 0 ? `${formatCount(funnel.failed)} failed` : undefined },
    { name: 'Read', count: funnel.read, of: delivered, note: 'A minimum: people with receipts off are not counted' },
    { name: 'Tapped', count: funnel.clicked, of: delivered, note: `People only: ${counted(funnel.taps, 'tap')} of ${formatCount(funnel.taps_raw)} hits; the rest were previews and robots` },
    { name: 'Ordered', count: funnel.ordered, of: delivered, note: 'People who bought, whenever they did' },
  ];
};

const Rate = ({ count, of }: { count: number; of: { name: string; count: number } }) => {
  const interval = wilson(count, of.count);
  if (of.count === 0) return null;
  return (
    <span className="quiet small">
      <b>{formatPercent(count / of.count)}</b> of {formatCount(of.count)} {of.name}
      {interval && ` (${formatRange(interval)})`}
    </span>
  );
};

/** The funnel follows messages and the headline counts orders: what lies between the two is said. */
const Orders = ({ funnel, query }: { funnel: Summary['funnel']; query: string }) => {
  const { orders, orders_of_earlier: earlier, orders_afterwards: after } = funnel;
  return (
    <p className="small">
      <s-link href={`/orders?measure=attributed&${query}`}>{counted(orders, 'attributed order')}</s-link> in these days
      {earlier > 0 && `, ${formatCount(earlier)} of them of messages made before`}
      {after > 0 && `; these messages brought ${formatCount(after)} more after these days`}.
    </p>
  );
};

export const Funnel = ({ funnel, query }: { funnel: Summary['funnel']; query: string }) => {
  const steps = stepsOf(funnel);
  const most = Math.max(1, ...steps.map(({ count }) => count));
  if (funnel.drawn === 0) {
    return (
      <>
        <p className="quiet">No messages were made in these days.</p>
        {funnel.orders > 0 && <Orders funnel={funnel} query={query} />}
      </>
    );
  }
  return (
    <>
      <ol className="funnel" aria-label={`From ${counted(funnel.drawn, 'person', 'people')} chosen to ${counted(funnel.ordered, 'order')}`}>
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
      <p className="funnel-foot quiet small">In brackets: where the true rate lies, 95 times in 100.</p>
    </>
  );
};
