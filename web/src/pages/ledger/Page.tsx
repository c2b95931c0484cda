// The ledger: every order on exactly one line, each line and each day down to its orders, and Shopify's own sum beside it.
import { Download } from '../../components/download/Download';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { fill, words } from '../../words';
import { useAgreement } from '../agreement/queries';
import { Ledger } from '../overview/Ledger';
import { useLedger } from '../overview/queries';
import { Agrees } from './Agrees';
import { DayTable } from './DayTable';
// The lines look as they do in the overview.
import '../overview/overview.css';
import './ledger.css';

export const LedgerPage = () => {
  const { time_zone: zone } = useShop();
  const period = usePeriod();
  const ledger = useLedger(period);
  const agreement = useAgreement(period);
  return (
    <s-page heading={words.shell.ledger}>
      <div className="stack">
        <div className="toolbar">
          <PeriodPicker period={period} />
          <Download tables={['ledger', 'orders', 'restatements']} from={period.from} to={period.to} />
        </div>
        <p className="quiet">{words.ledgerPage.lead}</p>
        <Loaded of={ledger} lines={8}>
          {(data) => (
            <>
              <s-section accessibilityLabel={words.shell.ledger}>
                {data.total.orders === 0 ? <Empty title={words.ledgerPage.noOrders}>{words.ledgerPage.noOrdersText}</Empty> : <Ledger ledger={data} query={period.query} />}
              </s-section>
              <s-section heading={words.ledgerPage.agreement}>
                <Loaded of={agreement} lines={3}>
                  {(found) => <Agrees agreement={found} query={period.query} />}
                </Loaded>
              </s-section>
              {data.days.length > 0 && <DayTable ledger={data} />}
              <p className="quiet small">
                {data.complete_through ? fill(words.ledgerPage.complete, { complete: formatInstant(data.complete_through, zone) }) : words.ledgerPage.unchecked}
              </p>
            </>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};
