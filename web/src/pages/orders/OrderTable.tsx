// The orders as rows, and the way to more of them.
import type { OrderList, OrderRow } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { evidenceName, lineName, lineTone } from '../../lib/words';

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
        {row.recovered && <s-badge tone="warning">Recovered cart</s-badge>}
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
          <b>{counted(total.orders, 'order')}</b>, net sales{' '}
          <b>
            <Amount of={total.net_sales} />
          </b>
        </p>
      )}
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">Order</s-table-header>
          <s-table-header>Placed</s-table-header>
          <s-table-header>Line</s-table-header>
          <s-table-header>Goes back to</s-table-header>
          <s-table-header format="currency" listSlot="inline">Net sales</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {rows.map((row) => (
            <Row key={row.shopify_order_id} row={row} zone={zone} />
          ))}
        </s-table-body>
      </s-table>
      <div className="orders-more">
        <span className="quiet small" role="status">
          {total && !hasMore ? `All ${counted(total.orders, 'order')}` : `${counted(rows.length, 'order')} shown`}
        </span>
        {hasMore && (
          <s-button onClick={more} loading={isFetching}>
            Show more orders
          </s-button>
        )}
      </div>
    </>
  );
};
