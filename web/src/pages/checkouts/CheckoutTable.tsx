// Checkouts as rows, and the way to more of them.
import type { AbandonedCheckout } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { stateName, stateTone } from './words';

const reached = ({ contact }: AbandonedCheckout): string => {
  const known = [contact.phone && 'phone', contact.email && 'e-mail'].filter(Boolean);
  return known.length > 0 ? `By ${known.join(' and ')}` : 'Nobody known';
};

const Row = ({ row, zone }: { row: AbandonedCheckout; zone: string }) => (
  <s-table-row>
    <s-table-cell>
      <s-link href={`/checkouts/${encodeURIComponent(row.checkout_token)}`}>{row.checkout_token.slice(0, 8)}</s-link>
    </s-table-cell>
    <s-table-cell>
      <span className="quiet">{row.abandoned_at ? formatMoment(row.abandoned_at, zone) : '—'}</span>
    </s-table-cell>
    <s-table-cell>
      <s-badge tone={stateTone(row.state)}>{stateName(row.state)}</s-badge>
    </s-table-cell>
    <s-table-cell>
      <span className="quiet">{reached(row)}</span>
    </s-table-cell>
    <s-table-cell>
      <strong>{row.value ? <Amount of={row.value} /> : '—'}</strong>
    </s-table-cell>
  </s-table-row>
);

interface Props {
  rows: AbandonedCheckout[];
  hasMore: boolean;
  isFetching: boolean;
  more: () => void;
}

export const CheckoutTable = ({ rows, hasMore, isFetching, more }: Props) => {
  const { time_zone: zone } = useShop();
  return (
    <>
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">Checkout</s-table-header>
          <s-table-header>Abandoned</s-table-header>
          <s-table-header>State</s-table-header>
          <s-table-header>Reachable</s-table-header>
          <s-table-header format="currency" listSlot="inline">Worth</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {rows.map((row) => (
            <Row key={row.checkout_token} row={row} zone={zone} />
          ))}
        </s-table-body>
      </s-table>
      <div className="checkouts-more">
        <span className="quiet small" role="status">
          {hasMore ? `${counted(rows.length, 'checkout')} shown` : `All ${counted(rows.length, 'checkout')}`}
        </span>
        {hasMore && (
          <s-button onClick={more} loading={isFetching}>
            Show more checkouts
          </s-button>
        )}
      </div>
    </>
  );
};
