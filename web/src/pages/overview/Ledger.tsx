// Where every euro went: each order stands on exactly one line, and the lines add up to net sales. The page adds them itself and
// says so; should they ever differ, it says that instead.
import type { Ledger as Lines } from '../../api/types';
import { Amount } from '../../components/Amount';
import { shareOf, sum } from '../../lib/money';
import { counted } from '../../lib/rates';

const Line = ({ line, whole, query }: { line: Lines['lines'][number]; whole: Lines['total']['net_sales']; query: string }) => (
  <li className={`ledger-line ledger-${line.line}`}>
    <span className="ledger-title">
      <s-link href={`/orders?line=${line.line}&${query}`}>{line.title}</s-link>
      <span className="quiet small"> · {counted(line.orders, 'order')}</span>
    </span>
    <Amount of={line.net_sales} />
    <span className="ledger-bar" aria-hidden="true">
      <i style={{ width: `${shareOf(line.net_sales, whole) * 100}%` }} />
    </span>
    <span className="quiet small ledger-why">{line.why}</span>
  </li>
);

export const Ledger = ({ ledger, query }: { ledger: Lines; query: string }) => {
  const { lines, total, left_out: leftOut, currency } = ledger;
  const added = sum(
    lines.map((line) => line.net_sales),
    currency,
  );
  const addsUp = added.minor === total.net_sales.minor;
  return (
    <>
      <ul className="ledger">
        {lines.map((line) => (
          <Line key={line.line} line={line} whole={total.net_sales} query={query} />
        ))}
      </ul>
      <p className="ledger-total">
        <strong>
          Net sales <span className="quiet small">· {counted(total.sales, 'order')}</span>
        </strong>
        <strong>
          <Amount of={total.net_sales} />
        </strong>
      </p>
      {total.orders > total.sales && (
        <p className="quiet small">{counted(total.orders - total.sales, 'more order')} above count zero: cancelled, tests, renewals, other currencies.</p>
      )}
      {addsUp ? (
        <p className="ledger-check small">The lines add up to net sales, to the cent.</p>
      ) : (
        <s-banner tone="warning" heading="These lines do not add up">
          They come to <Amount of={added} />. Please tell us: they always should.
        </s-banner>
      )}
      {leftOut.length > 0 && (
        <details className="ledger-out">
          <summary>Left out of net sales</summary>
          <ul className="ledger">
            {leftOut.map(({ line, title, why, orders, amount }) => (
              <li key={line} className="ledger-line">
                <span className="ledger-title">
                  {title} <span className="quiet small">· {counted(orders, 'order')}</span>
                </span>
                <Amount of={amount} />
                <span className="quiet small ledger-why">{why}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
};
