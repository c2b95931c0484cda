// Every message that might have led here, with why it did or did not.
import type { Candidate, Receipt } from '../../api/types';
import { useShop } from '../../app/shop';
import { Empty } from '../../components/page-states';
import { formatMoment, formatSpan } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { evidenceName, outcomeName, outcomeTone } from '../../lib/words';
import { fill, words } from '../../words';

const Row = ({ candidate, zone }: { candidate: Candidate; zone: string }) => {
  const { campaign, kind, evidence_at: at, age_seconds: age, window_seconds: window, outcome, why, code, unwitnessed, credited } = candidate;
  return (
    <s-table-row>
      <s-table-cell>
        <s-link href={`/messages/${candidate.message_id}`}>{campaign.name}</s-link>
        {code && <div className="mono quiet">{code}</div>}
      </s-table-cell>
      <s-table-cell>
        <s-badge tone={outcomeTone(outcome)}>{outcome === 'lost' && !credited ? words.order.notCredited : outcomeName(outcome)}</s-badge>
        {unwitnessed && <s-badge tone="warning">{words.order.noWitness}</s-badge>}
      </s-table-cell>
      <s-table-cell>
        <span>
          {evidenceName(kind)}
          <span className="quiet small below">{formatMoment(at, zone)}</span>
        </span>
      </s-table-cell>
      <s-table-cell>
        <span>
          {age > 0 ? fill(words.order.before, { span: formatSpan(age) }) : words.order.withOrder}
          <span className="quiet small below">
            {window == null ? words.order.noLimit : fill(words.order.countsFor, { span: formatSpan(window) })}
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
    <s-section heading={words.order.considered} padding={candidates.length > 0 ? 'none' : 'base'}>
      {candidates.length === 0 ? (
        <Empty title={recovered ? words.order.nothingTies : words.order.noneInQuestion}>
          {recovered
            ? fill(words.order.aboutCheckout, { campaign: recovered.campaign ? fill(words.order.ofCampaign, { name: recovered.campaign.name }) : '' })
            : words.order.noneText}
        </Empty>
      ) : (
        <s-table>
          <s-table-header-row>
            <s-table-header listSlot="primary">{words.common.campaign}</s-table-header>
            <s-table-header listSlot="inline">{words.order.outcome}</s-table-header>
            <s-table-header>{words.order.evidence}</s-table-header>
            <s-table-header>{words.order.beforeOrder}</s-table-header>
            <s-table-header listSlot="secondary">{words.order.why}</s-table-header>
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
