// The same order under other ways of counting, side by side.
import type { Receipt } from '../../api/types';
import { Amount } from '../../components/Amount';
import { evidenceName, lineName, lineTone } from '../../lib/words';
import { fill, words } from '../../words';

const calledOf = ({ vendor, policy }: Receipt['others'][number]): string => {
  if (vendor === 'Recoup') return fill(words.policies.onlyCertain, { policy });
  return vendor ?? policy;
};

export const Others = ({ receipt: { others } }: { receipt: Receipt }) => {
  if (others.length === 0) return null;
  return (
    <s-section heading={words.order.others} padding="none">
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.order.way}</s-table-header>
          <s-table-header listSlot="inline">{words.orders.line}</s-table-header>
          <s-table-header>{words.orders.goesBack}</s-table-header>
          <s-table-header format="currency">{words.policies.worth}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {others.map((other) => (
            <s-table-row key={other.policy}>
              <s-table-cell>
                {calledOf(other)}
                {other.vendor && other.vendor !== 'Recoup' && <span className="quiet small below">{words.order.reading}</span>}
              </s-table-cell>
              <s-table-cell>
                <s-badge tone={lineTone(other.line)}>{lineName(other.line)}</s-badge>
              </s-table-cell>
              <s-table-cell>
                {other.message_id ? (
                  <span>
                    <s-link href={`/messages/${other.message_id}`}>{other.campaign?.name ?? words.order.aMessage}</s-link>
                    {other.kind && <span className="quiet small below">{evidenceName(other.kind)}</span>}
                  </span>
                ) : (
                  <span className="quiet">{other.assisted ? words.order.nobodyAssisted : words.order.nobody}</span>
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
