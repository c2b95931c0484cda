// Whether the ledger is Shopify's own sum too: through which day it agrees, and what explains the rest.
import type { Agreement } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatLongDay } from '../../lib/dates';
import { formatMoney } from '../../lib/money';
import { counted } from '../../lib/rates';
import { fill, said, words } from '../../words';

/** The last day up to which every day that can be compared agrees. */
export const agreesThrough = (days: Agreement['days']): string | null => {
  const differs = days.findIndex((day) => day.verdict === 'differs');
  const agreeing = days.slice(0, differs === -1 ? days.length : differs).filter((day) => day.agrees);
  return agreeing.at(-1)?.day ?? null;
};

const Explained = ({ lines }: { lines: Agreement['sums']['lines'] }) => {
  if (lines.length === 0) return null;
  return (
    <details className="ledger-out">
      <summary>{words.ledgerPage.explained}</summary>
      <ul className="ledger">
        {lines.map((line) => (
          <li key={line.line} className="ledger-line">
            <span className="ledger-title">
              {said(line.title)} {line.orders > 0 && <span className="quiet small">· {counted(line.orders, words.counts.order)}</span>}
            </span>
            <Amount of={line.amount} />
            <span className="quiet small ledger-why">{said(line.why)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
};

export const Agrees = ({ agreement, query }: { agreement: Agreement; query: string }) => {
  const { standing, days, sums } = agreement;
  const through = agreesThrough(days);
  const link = <s-link href={`/agreement?${query}`}>{words.ledgerPage.compare}</s-link>;
  if (standing !== 'read') {
    return (
      <p>
        {words.ledgerPage.unread} {link}
      </p>
    );
  }
  return (
    <>
      <p className={through && sums.differ === 0 ? 'ledger-check' : undefined}>{through ? fill(words.ledgerPage.agrees, { day: formatLongDay(through) }) : words.ledgerPage.agreesNot}</p>
      {sums.differ > 0 && <p>{fill(words.ledgerPage.differs, { days: counted(sums.differ, words.counts.day), amount: formatMoney(sums.unexplained) })}</p>}
      <p className="quiet small">
        {words.ledgerPage.booked} {link}
      </p>
      <Explained lines={sums.lines} />
    </>
  );
};
