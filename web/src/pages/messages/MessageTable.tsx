// The messages as rows. One is called by its campaign and the moment it was made.
import type { MessageRow } from '../../api/types';
import { Amount } from '../../components/Amount';
import { type Column, type ListOf, Nothing, Rows } from '../../components/list/Rows';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, said, words } from '../../words';

const TONES = { under_way: 'neutral', delivered: 'info', read: 'success', failed: 'critical' } as const;

const bought = ({ orders }: MessageRow) =>
  orders.map((order) => (
    <span key={order.shopify_order_id} className="below">
      <s-link href={`/orders/${encodeURIComponent(order.shopify_order_id)}`}>{order.name}</s-link> <Amount of={order.net_sales} />
    </span>
  ));

const codeOf = ({ campaign, code, code_state: state }: MessageRow) =>
  code ? (
    <s-link href={`/campaigns/${campaign.id}?code=${encodeURIComponent(code)}`}>
      <span className="mono list-code">{code}</span>
    </s-link>
  ) : (
    <span className="quiet">{state ? words.codes.states[state] : words.message.noCode}</span>
  );

const columns = (): Column<MessageRow>[] => [
  {
    heading: words.common.message,
    place: 'primary',
    cell: (row, zone) => (
      <div className="list-named">
        <s-link href={`/messages/${row.message_id}`}>{row.campaign.name}</s-link>
        <span className="quiet small below">{formatMoment(row.issued_at, zone)}</span>
        {row.state === 'failed' && row.failure && <span className="quiet small below">{said(row.failure.meaning)}</span>}
      </div>
    ),
  },
  { heading: words.messages.state, place: 'inline', cell: ({ state }) => <s-badge tone={TONES[state]}>{words.messages.states[state]}</s-badge> },
  { heading: words.common.code, cell: codeOf },
  { heading: words.messages.taps, cell: ({ taps }) => (taps > 0 ? counted(taps, words.counts.tap) : <Nothing />) },
  { heading: words.common.order, cell: (row) => (row.orders.length > 0 ? bought(row) : <Nothing />) },
  {
    heading: words.common.recipient,
    cell: (row, zone) => (
      <s-link href={`/recipients/${row.recipient_id}`} accessibilityLabel={fill(words.messages.lifeOf, { campaign: row.campaign.name, at: formatMoment(row.issued_at, zone) })}>
        {words.messages.life}
      </s-link>
    ),
  },
];

export const MessageTable = (list: ListOf<MessageRow>) => <Rows columns={columns()} keyOf={(row) => row.message_id} {...list} />;
