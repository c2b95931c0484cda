// The overview: what the shop sold, what of it goes back to messages, and where every euro went.
import type { Summary } from '../../api/types';
import { Download } from '../../components/download/Download';
import { Empty, Loaded } from '../../components/page-states';
import { Guide } from '../../components/setup/Guide';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { Campaigns } from './Campaigns';
import { Chart } from './Chart';
import { Cost } from './Cost';
import { Freshness } from './Freshness';
import { Funnel } from './Funnel';
import { Headline } from './Headline';
import { Incremental } from './Incremental';
import { Leaks } from './Leaks';
import { Ledger } from './Ledger';
import { Indicators } from './indicators/Indicators';
import { useLedger, useSummary } from './queries';
import './overview.css';

const coinOf = (currency: string): string => (words.overview.coins as Record<string, string>)[currency] ?? words.overview.coins.other;

const isBare = ({ orders, funnel }: Summary): boolean => orders.all === 0 && funnel.drawn === 0;

export const Overview = () => {
  const period = usePeriod();
  const summary = useSummary(period);
  const ledger = useLedger(period);
  return (
    <s-page heading={words.shell.overview}>
      <div className="stack">
        <Guide />
        <Leaks />
        <PeriodPicker period={period} />
        <Loaded of={summary} lines={7}>
          {(data) =>
            isBare(data) ? (
              <s-section accessibilityLabel={words.overview.nothing}>
                <Empty title={words.overview.bare}>
                  {words.overview.bareText}
                </Empty>
              </s-section>
            ) : (
              <>
                <Headline summary={data} query={period.query} cost={<Cost period={period} attributed={data.attributed} />} />
                <Incremental summary={data} />
                <Chart summary={data} />
                <div className="columns">
                  <s-section heading={words.overview.funnel}>
                    <Funnel funnel={data.funnel} query={period.query} />
                  </s-section>
                  <s-section heading={fill(words.overview.whereWent, { coin: coinOf(data.currency) })}>
                    <Loaded of={ledger} lines={6}>
                      {(lines) => <Ledger ledger={lines} query={period.query} />}
                    </Loaded>
                    <p className="small">
                      <s-link href={`/ledger?${period.query}`}>{words.ledgerPage.byDay}</s-link>
                    </p>
                    <div className="ledger-files">
                      <Download tables={['ledger', 'restatements']} from={period.from} to={period.to} />
                    </div>
                  </s-section>
                </div>
                <Campaigns campaigns={data.campaigns} query={period.query} />
                <Indicators campaigns={data.campaigns} period={period} />
                <p className="quiet small">
                  {told(data.pixel.sentence, data.time_zone)} {told(data.journeys.sentence, data.time_zone)} {told(data.sales_book.sentence, data.time_zone)}{' '}
                  <s-link href={`/agreement?${period.query}`}>{words.agreement.compare}</s-link>{' '}
                  <s-link href={`/claims?${period.query}`}>{words.claims.ways}</s-link>
                </p>
                <Freshness summary={data} />
              </>
            )
          }
        </Loaded>
      </div>
    </s-page>
  );
};
