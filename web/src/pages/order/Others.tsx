// The same order under other ways of counting, side by side.
import type { Receipt } from '../../api/types';
import { Amount } from '../../components/Amount';
import { evidenceName, lineName, lineTone } from '../../lib/words';

export const Others = ({ receipt: { others } }: { receipt: Receipt }) => {
  if (others.length === 0) return null;
  return (
    <s-section heading="As others would count this order" padding="none">
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">Way of counting</s-table-header>
          <s-table-header listSlot="inline">Line</s-table-header>
          <s-table-header>Goes back to</s-table-header>
          <s-table-header format="currency">Worth</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {others.map((other) => (
            <s-table-row key={other.policy}>
              <s-table-cell>
                {other.vendor && other.vendor !== 'Recoup' ? other.vendor : other.policy}
                {other.vendor && other.vendor !== 'Recoup' && <span className="quiet small below">our reading</span>}
              </s-table-cell>
              <s-table-cell>
                <s-badge tone={lineTone(other.line)}>{lineName(other.line)}</s-badge>
              </s-table-cell>
              <s-table-cell>
                {other.message_id ? (
                  <span>
                    <s-link href={`/messages/${other.message_id}`}>{other.campaign?.name ?? 'A message'}</s-link>
                    {other.kind && <span className="quiet small below">{evidenceName(other.kind)}</span>}
                  </span>
                ) : (
                  <span className="quiet">{other.assisted ? 'Nobody; it counts as assisted' : 'Nobody'}</span>
                )}
              </s-table-cell>
              <s-table-cell>
                <Amount of={other.amount} />
              </s-table-cell>
            </s-table-row>
          ))}
        </s-table-body>
      </s-table>
    </s-section>
  );
};
