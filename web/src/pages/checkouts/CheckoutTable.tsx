// Checkouts as rows, and the way to more of them.
import type { AbandonedCheckout } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment } from '../../lib/dates';
import { counted, listed } from '../../lib/rates';
import { fill, words } from '../../words';
import { stateName, stateTone } from './words';

const reached = ({ contact }: AbandonedCheckout): string => {
  const known = [contact.phone && words.checkouts.phone, contact.email && words.checkouts.email].filter((one) => typeof one === 'string');
  return known.length > 0 ? fill(words.checkouts.by, { contacts: listed(known) }) : words.checkouts.nobody;
};

const Row = ({ row, zone }: { row: AbandonedCheckout; zone: string }) => (
  <s-table-row>
    <s-table-cell>
      <s-link href={`/checkouts/${encodeURIComponent(row.checkout_token)}`}>{fill(words.checkouts.of, { at: formatMoment(row.last_active_at, zone) })}</s-link>
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
          <s-table-header listSlot="primary">{words.checkouts.checkout}</s-table-header>
          <s-table-header>{words.checkout.abandoned}</s-table-header>
          <s-table-header>{words.checkout.state}</s-table-header>
          <s-table-header>{words.checkouts.reachable}</s-table-header>
          <s-table-header format="currency" listSlot="inline">{words.policies.worth}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {rows.map((row) => (
            <Row key={row.checkout_token} row={row} zone={zone} />
          ))}
        </s-table-body>
      </s-table>
      <div className="checkouts-more">
        <span className="quiet small" role="status">
          {hasMore ? fill(words.checkouts.shown, { checkouts: counted(rows.length, words.counts.checkout) }) : fill(words.checkouts.all, { checkouts: counted(rows.length, words.counts.checkout) })}
        </span>
        {hasMore && (
          <s-button onClick={more} loading={isFetching}>
            {words.checkouts.more}
          </s-button>
        )}
      </div>
    </>
  );
};
