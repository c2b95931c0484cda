// Where every euro went: each order stands on exactly one line, and the lines add up to net sales. The page adds them itself and
// says so; should they ever differ, it says that instead.
import type { Ledger as Lines } from '../../api/types';
import { Amount } from '../../components/Amount';
import { languageOf, locale } from '../../lib/locale';
import { shareOf, sum } from '../../lib/money';
import { counted, formatPercent } from '../../lib/rates';
import { className } from '../../lib/words';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';

interface Said {
  line: string;
  title: string;
  why: string;
}

// The server says both by the shop's own policy, in English; in another language they are worded by the line's name.
const speaksEnglish = (): boolean => languageOf(locale()) === 'en';
const titleOf = ({ line, title }: Said, titles: Readonly<Record<string, string>>): string => (speaksEnglish() ? title : (titles[line] ?? title));
const whyOf = ({ line, why }: Said, whys: Readonly<Record<string, string>>): string => (speaksEnglish() ? why : (whys[line] ?? why));

const Line = ({ line, whole, query }: { line: Lines['lines'][number]; whole: Lines['total']['net_sales']; query: string }) => (
  <li className={`ledger-line ledger-${line.line}`}>
    <span className="ledger-title">
      <s-link href={`/orders?line=${line.line}&${query}`}>{titleOf(line, words.names.ledger)}</s-link>
      <span className="quiet small">
        {' '}· {counted(line.orders, words.counts.order)}
        {line.net_sales.minor > 0 && whole.minor > 0 && ` · ${fill(words.ledgerPage.share, { share: formatPercent(shareOf(line.net_sales, whole)) })}`}
      </span>
    </span>
    <Amount of={line.net_sales} />
    <span className="ledger-bar" aria-hidden="true">
      <i style={{ width: `${shareOf(line.net_sales, whole) * 100}%` }} />
    </span>
    {line.certainty.length > 0 && (
      <span className="small ledger-why ledger-parts">
        {line.certainty.map((part) => (
          <span key={part.class}>
            <s-link href={`/orders?line=${line.line}&measure=${part.class}&${query}`}>{className(part.class)}</s-link>{' '}
            <span className="quiet">
              <Amount of={part.amount} /> · {counted(part.orders, words.counts.order)}
            </span>
          </span>
        ))}
      </span>
    )}
    <span className="quiet small ledger-why">{whyOf(line, words.names.ledgerWhy)}</span>
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
          {words.overview.netSales}{' '}<span className="quiet small">· {counted(total.sales, words.counts.order)}</span>
        </strong>
        <strong>
          <Amount of={total.net_sales} />
        </strong>
      </p>
      {total.orders > total.sales && (
        <p className="quiet small">{fill(words.overview.countZero, { orders: counted(total.orders - total.sales, words.counts.moreOrder) })}</p>
      )}
      {addsUp ? (
        <p className="ledger-check small">{words.overview.addUp}</p>
      ) : (
        <s-banner tone="warning" heading={words.overview.notAddUp}>
          {rich(words.overview.comeTo, { added: <Amount of={added} /> })}
        </s-banner>
      )}
      {leftOut.length > 0 && (
        <details className="ledger-out">
          <summary>{words.overview.leftOut}</summary>
          <ul className="ledger">
            {leftOut.map((out) => (
              <li key={out.line} className="ledger-line">
                <span className="ledger-title">
                  {titleOf(out, words.names.leftOut)} <span className="quiet small">· {counted(out.orders, words.counts.order)}</span>
                </span>
                <Amount of={out.amount} />
                <span className="quiet small ledger-why">{whyOf(out, words.names.leftOutWhy)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
};
