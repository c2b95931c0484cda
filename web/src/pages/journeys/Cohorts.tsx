// Customers by the month of their first touch, and what they bought in each month after it: a table whose cells are as dark as
// their amount is large.
import { useState } from 'react';
import type { Cohorts as Answer } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Empty, Loaded } from '../../components/page-states';
import { formatLongDay, formatMonth } from '../../lib/dates';
import { shareOf } from '../../lib/money';
import { counted, formatCount } from '../../lib/rates';
import { fill, words } from '../../words';
import { useCohorts } from './queries';

type Sum = Answer['total'];
type Cohort = Answer['cohorts'][number];

const MONTHS = [6, 12, 24];

const Cell = ({ sum, largest }: { sum: Sum | undefined; largest: Sum['net_sales'] }) => {
  if (!sum) return <td className="journeys-empty" />;
  if (sum.orders === 0) return <td className="quiet">{words.kpis.none}</td>;
  return (
    <td style={{ backgroundColor: `rgb(12 122 91 / ${0.05 + shareOf(sum.net_sales, largest) * 0.27})` }}>
      <strong>
        <Amount of={sum.net_sales} />
      </strong>
      <span className="small below">{counted(sum.customers, words.journeys.customers)}</span>
    </td>
  );
};

const heading = (after: number): string => (after === 0 ? words.journeys.sameMonth : `+${formatCount(after)}`);

const Row = ({ cohort, columns, before, largest }: { cohort: Cohort; columns: number[]; before: boolean; largest: Sum['net_sales'] }) => (
  <tr>
    <th scope="row">{formatMonth(cohort.month)}</th>
    <td>
      <Amount of={cohort.net_sales} />
      <span className="small below">{counted(cohort.customers, words.journeys.customers)}</span>
    </td>
    {before && <Cell sum={cohort.before} largest={largest} />}
    {columns.map((after) => (
      <Cell key={after} sum={cohort.cells.find((cell) => cell.after === after)} largest={largest} />
    ))}
  </tr>
);

const Rest = ({ name, sum }: { name: string; sum: Sum }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <strong>
        <Amount of={sum.net_sales} />
      </strong>{' '}
      <span className="quiet">
        {counted(sum.orders, words.counts.order)}
        {sum.customers > 0 && ` · ${counted(sum.customers, words.journeys.customers)}`}
      </span>
    </dd>
  </div>
);

const Table = ({ cohorts: { cohorts, untouched, nameless, total, from, to, whole } }: { cohorts: Answer }) => {
  const cells = cohorts.flatMap((cohort) => cohort.cells.map((cell) => cell.net_sales));
  const largest = cells.reduce((a, b) => (b.minor > a.minor ? b : a), { ...total.net_sales, minor: 1 });
  const most = Math.max(0, ...cohorts.flatMap((cohort) => cohort.cells.map((cell) => cell.after)));
  const columns = Array.from({ length: most + 1 }, (_, after) => after);
  const before = cohorts.some((cohort) => cohort.before.orders > 0);
  return (
    <>
      {cohorts.length === 0 ? (
        <Empty title={words.journeys.noCohorts}>{words.journeys.noCohortsText}</Empty>
      ) : (
        <div className="scroll" role="group" aria-label={words.journeys.cohorts} tabIndex={0}>
          <table className="journeys-table journeys-cohorts">
            <thead>
              <tr>
                <th scope="col">{words.journeys.month}</th>
                <th scope="col">{words.journeys.all}</th>
                {before && <th scope="col">{words.journeys.beforeIt}</th>}
                {columns.map((after) => (
                  <th key={after} scope="col">
                    {heading(after)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {cohorts.map((cohort) => (
                <Row key={cohort.month} cohort={cohort} columns={columns} before={before} largest={largest} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <dl className="journeys-rest small">
        <Rest name={words.journeys.untouched} sum={untouched} />
        <Rest name={words.journeys.nameless} sum={nameless} />
        <Rest name={fill(words.journeys.total, { from: formatLongDay(from), to: formatLongDay(to) })} sum={total} />
      </dl>
      {!whole && <p className="small">{words.journeys.partly}</p>}
      <p className="quiet small">{words.journeys.cohortsCaveat}</p>
    </>
  );
};

export const Cohorts = ({ to }: { to: string }) => {
  const [months, choose] = useState(12);
  const [by, touchedBy] = useState<Answer['by']>('any');
  const cohorts = useCohorts(to, months, by);
  return (
    <s-section heading={words.journeys.cohorts}>
      <div className="stack">
        <p className="quiet small">{words.journeys.cohortsText}</p>
        <div className="bar">
          <s-select label={words.journeys.by} value={by} onChange={(event) => touchedBy(event.currentTarget.value as Answer['by'])}>
            <s-option value="any">{words.journeys.byAny}</s-option>
            <s-option value="whatsapp">{words.journeys.byWhatsapp}</s-option>
          </s-select>
          <s-select label={words.journeys.months} value={String(months)} onChange={(event) => choose(Number(event.currentTarget.value))}>
            {MONTHS.map((count) => (
              <s-option key={count} value={String(count)}>
                {formatCount(count)}
              </s-option>
            ))}
          </s-select>
        </div>
        <Loaded of={cohorts} lines={6}>
          {(data) => <Table cohorts={data} />}
        </Loaded>
      </div>
    </s-section>
  );
};
