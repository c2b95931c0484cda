// The codes as rows.
import type { CodeRow } from '../../api/types';
import { useShop } from '../../app/shop';
import { More } from '../../components/list/More';
import { formatMoment } from '../../lib/dates';
import { fill, words } from '../../words';

const TONES = { pending: 'info', live: 'success', redeemed: 'success', expired: 'neutral', revoked: 'warning' } as const;

/** The text leads to all that support asks about it; one that is not shown says why. */
const Text = ({ row }: { row: CodeRow }) =>
  row.code ? (
    <s-link href={`/campaigns/${row.campaign.id}?code=${encodeURIComponent(row.code)}`}>
      <span className="mono list-code">{row.code}</span>
    </s-link>
  ) : (
    <span className="quiet">{row.state === 'pending' ? words.codes.onItsWay : words.codes.notShown}</span>
  );

const Row = ({ row, zone }: { row: CodeRow; zone: string }) => (
  <s-table-row>
    <s-table-cell>
      <Text row={row} />
    </s-table-cell>
    <s-table-cell>
      <s-badge tone={TONES[row.state]}>{words.codes.states[row.state]}</s-badge>
    </s-table-cell>
    <s-table-cell>
      <s-link href={`/campaigns/${row.campaign.id}`}>{row.campaign.name}</s-link>
    </s-table-cell>
    <s-table-cell>
      <s-link href={`/messages/${row.message_id}`}>{fill(words.codes.given, { at: formatMoment(row.issued_at, zone) })}</s-link>
    </s-table-cell>
    <s-table-cell>
      <span className="quiet">{row.expires_at ? formatMoment(row.expires_at, zone) : words.message.noEnd}</span>
    </s-table-cell>
    <s-table-cell>{row.order ? <s-link href={`/orders/${encodeURIComponent(row.order.shopify_order_id)}`}>{row.order.name}</s-link> : <span className="quiet">—</span>}</s-table-cell>
  </s-table-row>
);

interface Props {
  rows: CodeRow[];
  hasMore: boolean;
  isFetching: boolean;
  more: () => void;
}

export const CodeTable = ({ rows, hasMore, isFetching, more }: Props) => {
  const { time_zone: zone } = useShop();
  return (
    <>
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.common.code}</s-table-header>
          <s-table-header listSlot="inline">{words.codes.state}</s-table-header>
          <s-table-header>{words.common.campaign}</s-table-header>
          <s-table-header>{words.common.message}</s-table-header>
          <s-table-header>{words.codes.ends}</s-table-header>
          <s-table-header>{words.common.order}</s-table-header>
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
