// What all abandoned checkouts of some days came to, before the list of them.
import { useQuery, keepPreviousData } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { CheckoutsReport } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Sums, type Rate } from '../../components/list/Sums';
import { Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { formatInstant } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { evidenceName } from '../../lib/words';
import { fill, words } from '../../words';

const KINDS = ['abandoned', 'open', 'recovered', 'withdrawn', 'deleted'] as const;
const WHO = ['written_to', 'held_out', 'nobodys'] as const;

const rates = (report: CheckoutsReport): Rate[] => WHO.map((who) => ({ key: who, name: words.checkouts.came[who], definition: words.checkouts.cameText[who], of: report[who].rate }));

const Evidence = ({ report, query }: { report: CheckoutsReport; query: string }) => (
  <div className="checkouts-evidence">
    <p>
      <s-link href={`/orders?measure=recovered&${query}`}>{counted(report.orders, words.counts.order)}</s-link> {words.checkouts.ordersCame} <Amount of={report.net_sales} />
    </p>
    <ul>
      {report.by_evidence.map((line) => (
        <li key={line.evidence ?? ''}>
          <span>{line.evidence ? evidenceName(line.evidence) : words.checkouts.noEvidence}</span>
          <span className="quiet">{counted(line.orders, words.counts.order)}</span>
          <Amount of={line.net_sales} />
        </li>
      ))}
    </ul>
  </div>
);

export const Whole = () => {
  const { time_zone: zone } = useShop();
  const period = usePeriod();
  const { from, to } = period;
  const report = useQuery({
    queryKey: ['checkouts-report', from, to],
    queryFn: () => must(get('/api/reports/checkouts', { params: { query: { from, to } } })),
    placeholderData: keepPreviousData,
  });
  return (
    <>
      <PeriodPicker period={period} />
      <Loaded of={report} lines={4}>
        {(data) => (
          <Sums
            label={words.checkouts.sums}
            tiles={KINDS.map((kind) => ({ key: kind, name: words.checkouts.kinds[kind], value: formatCount(data[kind].checkouts), note: <Amount of={data[kind].value} /> }))}
            rates={rates(data)}
          >
            {data.orders > 0 && <Evidence report={data} query={period.query} />}
            <p className="quiet small sums-note">
              {words.checkouts.counted} {data.complete_through && fill(words.list.complete, { complete: formatInstant(data.complete_through, zone) })}{' '}
              <s-link href={`/lift?${period.query}`}>{words.checkouts.seeLift}</s-link>
            </p>
          </Sums>
        )}
      </Loaded>
    </>
  );
};
