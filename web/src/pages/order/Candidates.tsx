// Every message that might have led here, with why it did or did not.
import type { Candidate, Receipt } from '../../api/types';
import { useShop } from '../../app/shop';
import { Empty } from '../../components/page-states';
import { formatMoment, formatSpan } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { evidenceName, outcomeName, outcomeTone } from '../../lib/words';

const Row = ({ candidate, zone }: { candidate: Candidate; zone: string }) => {
  const { campaign, kind, evidence_at: at, age_seconds: age, window_seconds: window, outcome, why, code, unwitnessed, credited } = candidate;
  return (
    <s-table-row>
      <s-table-cell>
        <s-link href={`/messages/${candidate.message_id}`}>{campaign.name}</s-link>
        {code && <div className="mono quiet">{code}</div>}
      </s-table-cell>
      <s-table-cell>
        <s-badge tone={outcomeTone(outcome)}>{outcome === 'lost' && !credited ? 'Told, not credited' : outcomeName(outcome)}</s-badge>
        {unwitnessed && <s-badge tone="warning">No second witness</s-badge>}
      </s-table-cell>
      <s-table-cell>
        <span>
          {evidenceName(kind)}
          <span className="quiet small below">{formatMoment(at, zone)}</span>
        </span>
      </s-table-cell>
      <s-table-cell>
        <span>
          {age > 0 ? `${formatSpan(age)} before` : 'With the order itself'}
          <span className="quiet small below">
            {window == null ? 'counts without limit' : `counts for ${formatSpan(window)}`}
          </span>
        </span>
      </s-table-cell>
      <s-table-cell>
        <span className="candidate-why">{told(why, zone)}</span>
      </s-table-cell>
    </s-table-row>
  );
};

export const Candidates = ({ receipt: { candidates, recovered } }: { receipt: Receipt }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading="Messages considered" padding={candidates.length > 0 ? 'none' : 'base'}>
      {candidates.length === 0 ? (
        <Empty title={recovered ? 'Nothing ties the order to a message' : 'No message came into question'}>
          {recovered
            ? `A message${recovered.campaign ? ` of ${recovered.campaign.name}` : ''} was about this checkout, but nothing that this policy counts as evidence ties the order to it.`
            : 'The shopper used none of your codes and is not known to have tapped a link of yours in time.'}
        </Empty>
      ) : (
        <s-table>
          <s-table-header-row>
            <s-table-header listSlot="primary">Campaign</s-table-header>
            <s-table-header listSlot="inline">Outcome</s-table-header>
            <s-table-header>Evidence</s-table-header>
            <s-table-header>Before the order</s-table-header>
            <s-table-header listSlot="secondary">Why</s-table-header>
          </s-table-header-row>
          <s-table-body>
            {candidates.map((candidate) => (
              <Row key={`${candidate.message_id}-${candidate.kind}`} candidate={candidate} zone={zone} />
            ))}
          </s-table-body>
        </s-table>
      )}
    </s-section>
  );
};
