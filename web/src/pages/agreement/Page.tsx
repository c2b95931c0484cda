// Ours beside Shopify's own net sales, day by day, to the cent.
import type { Agreement as Answer } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { formatInstant } from '../../lib/dates';
import { fill, said, words } from '../../words';
import { DayTable } from './DayTable';
import { useAgreement } from './queries';
import { RedDay } from './RedDay';
// The lines look as they do in the ledger.
import '../overview/overview.css';

const Missing = ({ agreement: { standing, sentence, allow_at: allow } }: { agreement: Answer }) => {
  if (standing === 'read') return null;
  const heading = { scope_missing: words.agreement.allowHeading, refused: words.agreement.refused, unread: words.agreement.unread }[standing];
  return (
    <s-banner tone={standing === 'refused' ? 'warning' : 'info'} heading={heading}>
      <p>{said(sentence)}</p>
      {allow && (
        <s-link href={allow} target="_top">
          {words.agreement.allow}
        </s-link>
      )}
    </s-banner>
  );
};

const Whole = ({ agreement: { sums, sentence } }: { agreement: Answer }) => (
  <s-section heading={words.agreement.whole}>
    <p>{said(sentence)}</p>
    <ul className="ledger">
      <li className="ledger-line">
        <span className="ledger-title">{words.agreement.shopify}</span>
        <Amount of={sums.shopify} />
      </li>
      {sums.lines.map((line) => (
        <li key={line.line} className="ledger-line">
          <span className="ledger-title">
            {said(line.title)} {line.orders > 0 && <span className="quiet small">· {line.orders}</span>}
          </span>
          <Amount of={line.amount} />
          <span className="quiet small ledger-why">{said(line.why)}</span>
        </li>
      ))}
      {sums.unexplained.minor !== 0 && (
        <li className="ledger-line">
          <span className="ledger-title">{words.agreement.unexplained}</span>
          <Amount of={sums.unexplained} />
        </li>
      )}
    </ul>
    <p className="ledger-total">
      <strong>{words.agreement.ours}</strong>
      <strong>
        <Amount of={sums.ours} />
      </strong>
    </p>
  </s-section>
);

export const Agreement = () => {
  const { time_zone: zone } = useShop();
  const period = usePeriod();
  const agreement = useAgreement({ from: period.from, to: period.to });
  return (
    <s-page heading={words.agreement.heading}>
      <div className="stack">
        <PeriodPicker period={period} />
        <Loaded of={agreement} lines={8}>
          {(data) => (
            <>
              <Missing agreement={data} />
              {data.standing === 'read' && (
                <>
                  {data.days
                    .filter((day) => day.verdict === 'differs' && day.orders)
                    .reverse()
                    .map((day) => (
                      <RedDay key={day.day} day={day} />
                    ))}
                  <Whole agreement={data} />
                  <DayTable agreement={data} />
                  <p className="quiet small">
                    {words.agreement.lead} {data.complete_through && fill(words.agreement.complete, { complete: formatInstant(data.complete_through, zone) })}{' '}
                    {data.read_at && fill(words.agreement.read, { read: formatInstant(data.read_at, zone) })}
                  </p>
                </>
              )}
            </>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};
