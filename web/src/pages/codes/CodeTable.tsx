// The codes as rows. The text leads to all that support asks about it; one that is not shown says why.
import type { CodeRow } from '../../api/types';
import { type Column, type ListOf, Nothing, Rows } from '../../components/list/Rows';
import { formatMoment } from '../../lib/dates';
import { fill, words } from '../../words';

const TONES = { pending: 'info', live: 'success', redeemed: 'success', expired: 'neutral', revoked: 'warning' } as const;

const textOf = ({ campaign, code, state }: CodeRow) =>
  code ? (
    <s-link href={`/campaigns/${campaign.id}?code=${encodeURIComponent(code)}`}>
      <span className="mono list-code">{code}</span>
    </s-link>
  ) : (
    <span className="quiet">{state === 'pending' ? words.codes.onItsWay : words.codes.notShown}</span>
  );

const columns = (): Column<CodeRow>[] => [
  { heading: words.common.code, place: 'primary', cell: textOf },
  { heading: words.codes.state, place: 'inline', cell: ({ state }) => <s-badge tone={TONES[state]}>{words.codes.states[state]}</s-badge> },
  { heading: words.common.campaign, cell: ({ campaign }) => <s-link href={`/campaigns/${campaign.id}`}>{campaign.name}</s-link> },
  { heading: words.common.message, cell: (row, zone) => <s-link href={`/messages/${row.message_id}`}>{fill(words.codes.given, { at: formatMoment(row.issued_at, zone) })}</s-link> },
  { heading: words.codes.ends, cell: ({ expires_at: end }, zone) => <span className="quiet">{end ? formatMoment(end, zone) : words.message.noEnd}</span> },
  { heading: words.common.order, cell: ({ order }) => (order ? <s-link href={`/orders/${encodeURIComponent(order.shopify_order_id)}`}>{order.name}</s-link> : <Nothing />) },
];

export const CodeTable = (list: ListOf<CodeRow>) => <Rows columns={columns()} keyOf={(row) => row.message_id} {...list} />;
