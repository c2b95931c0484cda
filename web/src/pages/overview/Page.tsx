// The overview: what the shop sold, what of it goes back to messages, and where every euro went.
import type { Summary } from '../../api/types';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { told } from '../../lib/sentence';
import { Campaigns } from './Campaigns';
import { Chart } from './Chart';
import { Freshness } from './Freshness';
import { Funnel } from './Funnel';
import { Headline } from './Headline';
import { Incremental } from './Incremental';
import { Leaks } from './Leaks';
import { Ledger } from './Ledger';
import { useLedger, useSummary } from './queries';
import './overview.css';

const COINS: Record<string, string> = { EUR: 'euro', USD: 'dollar', CAD: 'dollar', AUD: 'dollar', GBP: 'pound', CHF: 'franc', JPY: 'yen' };
const coinOf = (currency: string): string => COINS[currency] ?? 'amount';

const isBare = ({ orders, funnel }: Summary): boolean => orders.all === 0 && funnel.drawn === 0;

export const Overview = () => {
  const period = usePeriod();
  const summary = useSummary(period);
  const ledger = useLedger(period);
  return (
    <s-page heading="Overview">
      <div className="stack">
        <Leaks />
        <PeriodPicker period={period} />
        <Loaded of={summary} lines={7}>
          {(data) =>
            isBare(data) ? (
              <s-section accessibilityLabel="Nothing yet">
                <Empty title="No orders and no messages in these days">
                  Choose more days above. If Recoup was installed just now, your orders appear here as they come in, and your first
                  campaign appears as soon as your WhatsApp platform asks for its codes.
                </Empty>
              </s-section>
            ) : (
              <>
                <Headline summary={data} query={period.query} />
                <Incremental summary={data} />
                <Chart summary={data} />
                <div className="columns">
                  <s-section heading="From message to order">
                    <Funnel funnel={data.funnel} query={period.query} />
                  </s-section>
                  <s-section heading={`Where every ${coinOf(data.currency)} went`}>
                    <Loaded of={ledger} lines={6}>
                      {(lines) => <Ledger ledger={lines} query={period.query} />}
                    </Loaded>
                  </s-section>
                </div>
                <Campaigns campaigns={data.campaigns} query={period.query} />
                <p className="quiet small">
                  {told(data.pixel.sentence, data.time_zone)} {told(data.journeys.sentence, data.time_zone)} {told(data.sales_book.sentence, data.time_zone)}{' '}
                  <s-link href={`/agreement?${period.query}`}>Compare every day with Shopify’s own figures</s-link>
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
