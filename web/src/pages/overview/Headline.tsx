// The five measures. Each stands on its own: they overlap, so nothing here adds them up.
import type { Money, Summary } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Explain } from '../../components/Explain';
import { shareOf } from '../../lib/money';
import { counted, formatPercent } from '../../lib/rates';
import { MEASURES, type Measure } from '../../lib/words';

interface Figure {
  measure: Measure;
  amount: Money;
  orders: number;
  href?: string;
}

const Card = ({ figure, whole }: { figure: Figure; whole: Money }) => {
  const { measure, amount, orders, href } = figure;
  const { name, short, long } = MEASURES[measure];
  const isWhole = measure === 'net_sales';
  const count = counted(orders, 'order');
  return (
    <div className={`figure figure-${measure}`} data-measure={measure} data-minor={amount.minor}>
      <div className="figure-top">
        <h2>{name}</h2>
        <Explain title={name} text={long} />
      </div>
      <p className="figure-number">
        <Amount of={amount} />
      </p>
      <p className="small figure-count">
        {href ? <s-link href={href}>{count}</s-link> : count}
        {!isWhole && measure !== 'pending' && whole.minor > 0 && (
          <span className="quiet"> · {formatPercent(shareOf(amount, whole))} of net sales</span>
        )}
      </p>
      <p className="small quiet">{short}</p>
    </div>
  );
};

export const Headline = ({ summary, query }: { summary: Summary; query: string }) => {
  const { orders } = summary;
  const figures: Figure[] = [
    { measure: 'net_sales', amount: summary.net_sales, orders: orders.all, href: `/orders?${query}` },
    { measure: 'attributed', amount: summary.attributed, orders: orders.attributed, href: `/orders?line=attributed&${query}` },
    { measure: 'recovered', amount: summary.recovered, orders: orders.recovered },
    { measure: 'assisted', amount: summary.assisted, orders: orders.assisted },
    { measure: 'pending', amount: summary.pending, orders: orders.pending, href: `/orders?line=pending&${query}` },
  ];
  return (
    <section className="headline" aria-label="Headline numbers">
      <div className="figures">
        {figures.map((figure) => (
          <Card key={figure.measure} figure={figure} whole={summary.net_sales} />
        ))}
      </div>
      <p className="headline-note small quiet">
        {summary.shared.minor > 0 && (
          <>
            Of the attributed sales, <Amount of={summary.shared} /> came through a code that somebody else used.{' '}
          </>
        )}
        Attributed, recovered and assisted are separate measures and never summed.
      </p>
    </section>
  );
};
