// The ledger day by day, the latest first: each number opens exactly the orders it counts.
import { useState } from 'react';
import type { Ledger, Money } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatDay } from '../../lib/dates';
import { sum } from '../../lib/money';
import { formatCount } from '../../lib/rates';
import { lineName } from '../../lib/words';
import { words } from '../../words';

type Day = Ledger['days'][number];
type Line = Day['lines'][number]['line'];

const PAGE = 31;

const of = (day: Day, line: Line, currency: string): Money => day.lines.find((one) => one.line === line)?.net_sales ?? { minor: 0, currency };

const Cell = ({ amount, href }: { amount: Money; href: string }) => (
  <s-table-cell>
    {amount.minor === 0 ? (
      <span className="quiet">
        <Amount of={amount} />
      </span>
    ) : (
      <s-link href={href}>
        <Amount of={amount} />
      </s-link>
    )}
  </s-table-cell>
);

const Row = ({ day, currency }: { day: Day; currency: string }) => {
  const here = `from=${day.day}&to=${day.day}`;
  return (
    <s-table-row>
      <s-table-cell>
        <s-link href={`/orders?${here}`}>{formatDay(day.day)}</s-link>
      </s-table-cell>
      <s-table-cell>{formatCount(day.orders)}</s-table-cell>
      <Cell amount={day.certain} href={`/orders?measure=certain&${here}`} />
      <Cell amount={day.strong} href={`/orders?measure=strong&${here}`} />
      <Cell amount={of(day, 'unattributed', currency)} href={`/orders?line=unattributed&${here}`} />
      <Cell amount={of(day, 'pending', currency)} href={`/orders?line=pending&${here}`} />
      <Cell amount={day.net_sales} href={`/orders?measure=sales&${here}`} />
    </s-table-row>
  );
};

export const DayTable = ({ ledger: { days, currency } }: { ledger: Ledger }) => {
  const [shown, show] = useState(PAGE);
  const total = (pick: (day: Day) => Money): Money => sum(days.map(pick), currency);
  const sums = [
    total((day) => day.certain),
    total((day) => day.strong),
    total((day) => of(day, 'unattributed', currency)),
    total((day) => of(day, 'pending', currency)),
    total((day) => day.net_sales),
  ];
  return (
    <s-section heading={words.ledgerPage.byDay} padding="none">
      <p className="quiet small ledger-days">{words.ledgerPage.byDayText}</p>
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.common.day}</s-table-header>
          <s-table-header format="numeric">{words.shell.orders}</s-table-header>
          <s-table-header format="currency">{words.ledgerPage.certain}</s-table-header>
          <s-table-header format="currency">{words.ledgerPage.strong}</s-table-header>
          <s-table-header format="currency">{lineName('unattributed')}</s-table-header>
          <s-table-header format="currency">{lineName('pending')}</s-table-header>
          <s-table-header format="currency" listSlot="inline">{words.overview.netSales}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {[...days]
            .reverse()
            .slice(0, shown)
            .map((day) => (
              <Row key={day.day} day={day} currency={currency} />
            ))}
          <s-table-row>
            <s-table-cell>
              <strong>{words.ledgerPage.sum}</strong>
            </s-table-cell>
            <s-table-cell>{formatCount(days.reduce((count, day) => count + day.orders, 0))}</s-table-cell>
            {sums.map((amount, index) => (
              <s-table-cell key={index}>
                <strong>
                  <Amount of={amount} />
                </strong>
              </s-table-cell>
            ))}
          </s-table-row>
        </s-table-body>
      </s-table>
      {shown < days.length && (
        <div className="ledger-more">
          <s-button onClick={() => show(shown + PAGE)}>{words.ledgerPage.moreDays}</s-button>
        </div>
      )}
    </s-section>
  );
};
