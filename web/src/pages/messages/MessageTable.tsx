// The messages as rows. One is called by its campaign and the moment it was made.
import type { MessageRow } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { More } from '../../components/list/More';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, said, words } from '../../words';

const TONES = { under_way: 'neutral', delivered: 'info', read: 'success', failed: 'critical' } as const;

const Bought = ({ row }: { row: MessageRow }) => {
  if (row.orders.length === 0) return <span className="quiet">—</span>;
  return (
    <>
      {row.orders.map((order) => (
        <span key={order.shopify_order_id} className="below">
          <s-link href={`/orders/${encodeURIComponent(order.shopify_order_id)}`}>{order.name}</s-link> <Amount of={order.net_sales} />
        </span>
      ))}
    </>
  );
};

const Row = ({ row, zone }: { row: MessageRow; zone: string }) => (
  <s-table-row>
    <s-table-cell>
      <s-link href={`/messages/${row.message_id}`}>{row.campaign.name}</s-link>
      <span className="quiet small below">{formatMoment(row.issued_at, zone)}</span>
    </s-table-cell>
    <s-table-cell>
      <s-badge tone={TONES[row.state]}>{words.messages.states[row.state]}</s-badge>
      {row.state === 'failed' && row.failure && <span className="quiet small below">{said(row.failure.meaning)}</span>}
    </s-table-cell>
    <s-table-cell>
      {row.code ? (
        <s-link href={`/campaigns/${row.campaign.id}?code=${encodeURIComponent(row.code)}`}>
          <span className="mono list-code">{row.code}</span>
        </s-link>
      ) : (
        <span className="quiet">{row.code_state ? words.codes.states[row.code_state] : words.message.noCode}</span>
      )}
    </s-table-cell>
    <s-table-cell>{row.taps > 0 ? counted(row.taps, words.counts.tap) : <span className="quiet">—</span>}</s-table-cell>
    <s-table-cell>
      <Bought row={row} />
    </s-table-cell>
    <s-table-cell>
      <s-link href={`/recipients/${row.recipient_id}`} accessibilityLabel={fill(words.messages.lifeOf, { campaign: row.campaign.name, at: formatMoment(row.issued_at, zone) })}>
        {words.messages.life}
      </s-link>
    </s-table-cell>
  </s-table-row>
);

interface Props {
  rows: MessageRow[];
  hasMore: boolean;
  isFetching: boolean;
  more: () => void;
}

export const MessageTable = ({ rows, hasMore, isFetching, more }: Props) => {
  const { time_zone: zone } = useShop();
  return (
    <>
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.common.message}</s-table-header>
          <s-table-header listSlot="inline">{words.messages.state}</s-table-header>
          <s-table-header>{words.common.code}</s-table-header>
          <s-table-header>{words.messages.taps}</s-table-header>
          <s-table-header>{words.common.order}</s-table-header>
          <s-table-header>{words.common.recipient}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {rows.map((row) => (
            <Row key={row.message_id} row={row} zone={zone} />
          ))}
        </s-table-body>
      </s-table>
      <More shown={rows.length} hasMore={hasMore} isFetching={isFetching} more={more} />
    </>
  );
};
