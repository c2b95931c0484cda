// The orders as rows, and the way to more of them.
import type { OrderList, OrderRow } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment } from '../../lib/dates';
import { sum } from '../../lib/money';
import { counted } from '../../lib/rates';
import { evidenceName, lineName, lineTone } from '../../lib/words';
import { fill, words } from '../../words';

const Row = ({ row, zone }: { row: OrderRow; zone: string }) => (
  <s-table-row>
    <s-table-cell>
      <s-link href={`/orders/${encodeURIComponent(row.shopify_order_id)}`}>{row.name}</s-link>
    </s-table-cell>
    <s-table-cell>
      <span className="quiet">{formatMoment(row.ordered_at, zone)}</span>
    </s-table-cell>
    <s-table-cell>
      <span className="order-line">
        <s-badge tone={lineTone(row.line)}>{lineName(row.line)}</s-badge>
        {row.recovered && <s-badge tone="warning">{words.orders.recoveredCart}</s-badge>}
      </span>
    </s-table-cell>
    <s-table-cell>
      {row.campaign ? (
        <span>
          {row.campaign.name}
          {row.evidence && <span className="quiet small below">{evidenceName(row.evidence)}</span>}
        </span>
      ) : (
        <span className="quiet">{row.evidence ? evidenceName(row.evidence) : '—'}</span>
      )}
    </s-table-cell>
    <s-table-cell>
      <strong>
        <Amount of={row.net_sales} />
      </strong>
    </s-table-cell>
  </s-table-row>
);

interface Props {
  rows: OrderRow[];
  /** What the whole list holds. */
  total?: NonNullable<OrderList['total']>;
  hasMore: boolean;
  isFetching: boolean;
  more: () => void;
}

export const OrderTable = ({ rows, total, hasMore, isFetching, more }: Props) => {
  const { time_zone: zone } = useShop();
  return (
    <>
      {total && (
        <p className="orders-total">
          <b>{counted(total.orders, words.counts.order)}</b>{words.orders.withSales}{' '}
          <b>
            <Amount of={total.net_sales} />
          </b>
        </p>
      )}
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.common.order}</s-table-header>
          <s-table-header>{words.orders.placed}</s-table-header>
          <s-table-header>{words.orders.line}</s-table-header>
          <s-table-header>{words.orders.goesBack}</s-table-header>
          <s-table-header format="currency" listSlot="inline">{words.overview.netSales}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {rows.map((row) => (
            <Row key={row.shopify_order_id} row={row} zone={zone} />
          ))}
        </s-table-body>
      </s-table>
      <p className="orders-sum small">
        <span>{words.orders.sumShown}</span>
        <strong>
          <Amount
            of={sum(
              rows.map((row) => row.net_sales),
              rows[0]?.net_sales.currency ?? '',
            )}
          />
        </strong>
      </p>
      <div className="orders-more">
        <span className="quiet small" role="status">
          {total && !hasMore ? fill(words.orders.allShown, { orders: counted(total.orders, words.counts.order) }) : fill(words.orders.shown, { orders: counted(rows.length, words.counts.order) })}
        </span>
        {hasMore && (
          <s-button onClick={more} loading={isFetching}>
            {words.orders.more}
          </s-button>
        )}
      </div>
    </>
  );
};
