// What touched the orders before they were placed: paths, what each model makes of them, and what first touches came to.
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { formatInstant } from '../../lib/dates';
import { fill, words } from '../../words';
import { Cohorts } from './Cohorts';
import { Models } from './Models';
import { Paths } from './Paths';
import { useJourneys } from './queries';
import './journeys.css';

export const Journeys = () => {
  const { time_zone: zone } = useShop();
  const period = usePeriod();
  const journeys = useJourneys(period);
  return (
    <s-page heading={words.shell.journeys}>
      <div className="stack">
        <PeriodPicker period={period} />
        <p className="quiet">{words.journeys.lead}</p>
        <Loaded of={journeys} lines={8}>
          {(data) => (
            <>
              <Paths journeys={data} />
              <Models journeys={data} />
              <p className="quiet small">
                {!data.whole && `${words.journeys.partly} `}
                {data.complete_through ? fill(words.ledgerPage.complete, { complete: formatInstant(data.complete_through, zone) }) : words.ledgerPage.unchecked}
              </p>
            </>
          )}
        </Loaded>
        <Cohorts to={period.to} />
      </div>
    </s-page>
  );
};
