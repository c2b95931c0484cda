// The five measures, each beside what it was in the days before, and what the messages cost. Each stands on its own: they
// overlap, so nothing here adds them up.
import type { ReactNode } from 'react';
import type { Money, Summary } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Explain } from '../../components/Explain';
import { formatDay, formatDays } from '../../lib/dates';
import { formatMoney, shareOf } from '../../lib/money';
import { counted, formatCount, formatPercent } from '../../lib/rates';
import { className, type Measure, measureWords } from '../../lib/words';
import { fill, words } from '../../words';

interface Figure {
  measure: Measure;
  amount: Money;
  orders: number;
  before: Money;
  href?: string;
  /** What else has to be said of it. */
  note?: ReactNode;
}

/** "+12% on 1 – 30 Oct": the difference in words, never by colour alone. */
const changeOf = (now: Money, before: Money, days: string): string => {
  if (now.minor === before.minor) return fill(words.overview.same, { days });
  if (before.minor === 0) return fill(words.overview.fromNothing, { days });
  // Of less than nothing no share can be had.
  if (before.minor < 0 || now.minor < 0) return fill(words.overview.notComparable, { before: formatMoney(before), days });
  const change = now.minor / before.minor - 1;
  return fill(change > 0 ? words.overview.more : words.overview.less, { change: formatPercent(Math.abs(change)), days });
};

/** Days that are not whole are compared with nothing. */
const changeSince = (now: Money, was: Money, { from, to, begins_on: begins }: Summary['before']): string =>
  begins == null ? changeOf(now, was, formatDays(from, to)) : fill(words.overview.beginsLater, { day: formatDay(begins) });

const Card = ({ figure, whole, since }: { figure: Figure; whole: Money; since: Summary['before'] }) => {
  const { measure, amount, orders, before, href, note } = figure;
  const { name, short, long } = measureWords(measure);
  const isWhole = measure === 'net_sales';
  const count = counted(orders, words.counts.order);
  return (
    <div className={`figure figure-${measure}`} data-measure={measure} data-minor={amount.minor}>
      <div className="figure-top">
        <h2>{name}</h2>
        <Explain title={name} text={long} />
      </div>
      <p className="figure-number">
        <Amount of={amount} />
      </p>
      {(isWhole || since.begins_on == null) && <p className="small figure-change">{changeSince(amount, before, since)}</p>}
      <p className="small figure-count">
        {href ? <s-link href={href}>{count}</s-link> : count}
        {!isWhole && whole.minor > 0 && (
          <span className="quiet">{fill(words.overview.ofNetSales, { share: formatPercent(shareOf(amount, whole)) })}</span>
        )}
      </p>
      {note && <div className="small figure-note">{note}</div>}
      <p className="small quiet">{short}</p>
    </div>
  );
};

/** How sure the attributed amount is: each part is a list of its own. */
const Certainty = ({ summary, query }: { summary: Summary; query: string }) => {
  const { orders, shared, certainty, pixel } = summary;
  const parts = certainty.filter((part) => part.orders > 0);
  if (parts.length === 0) return null;
  return (
    <ul className="figure-parts">
      {parts.map(({ class: id, orders: count, amount }) => (
        <li key={id}>
          <s-link href={`/orders?measure=${id}&${query}`}>{className(id)}</s-link>
          <span className="quiet">
            <Amount of={amount} /> · {formatCount(count)}
          </span>
        </li>
      ))}
      {orders.shared > 0 && (
        <li className="figure-of">
          <s-link href={`/orders?measure=shared&${query}`}>{words.overview.byShared}</s-link>
          <span className="quiet">
            <Amount of={shared} /> · {formatCount(orders.shared)}
          </span>
        </li>
      )}
      {pixel.attributed_orders > 0 && (
        <li className={orders.shared > 0 ? undefined : 'figure-of'}>
          <s-link href={`/orders?measure=pixel&${query}`}>{words.overview.byPixel}</s-link>
          <span className="quiet">
            <Amount of={pixel.attributed} /> · {formatCount(pixel.attributed_orders)}
          </span>
        </li>
      )}
    </ul>
  );
};

const Recovered = ({ summary: { orders }, query }: { summary: Summary; query: string }) => {
  if (orders.recovered === 0) return null;
  return (
    <s-link href={`/orders?measure=recovered_attributed&${query}`}>
      {fill(words.overview.alsoAttributed, { count: orders.recovered_attributed === 0 ? words.common.none : formatCount(orders.recovered_attributed) })}
    </s-link>
  );
};

export const Headline = ({ summary, query, cost }: { summary: Summary; query: string; cost?: ReactNode }) => {
  const { orders, before } = summary;
  const figures: Figure[] = [
    { measure: 'net_sales', amount: summary.net_sales, before: before.net_sales, orders: orders.sales, href: `/orders?measure=sales&${query}` },
    { measure: 'attributed', amount: summary.attributed, before: before.attributed, orders: orders.attributed, href: `/orders?measure=attributed&${query}`, note: <Certainty summary={summary} query={query} /> },
    { measure: 'recovered', amount: summary.recovered, before: before.recovered, orders: orders.recovered, href: `/orders?measure=recovered&${query}`, note: <Recovered summary={summary} query={query} /> },
    { measure: 'assisted', amount: summary.assisted, before: before.assisted, orders: orders.assisted },
    { measure: 'pending', amount: summary.pending, before: before.pending, orders: orders.pending, href: `/orders?measure=pending&${query}` },
  ];
  return (
    <section className="headline" aria-label={words.overview.headline}>
      <div className="figures">
        {figures.map((figure) => (
          <Card key={figure.measure} figure={figure} whole={summary.net_sales} since={before} />
        ))}
      </div>
      {cost}
      <p className="headline-note small quiet">
        {words.overview.neverSummed}
      </p>
    </section>
  );
};
