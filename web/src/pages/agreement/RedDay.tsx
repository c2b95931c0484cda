// A day that does not agree: by how much, the orders it can come from, and reading them again.
import { fromThrown } from '../../api/problem';
import type { AgreementDay } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatLongDay } from '../../lib/dates';
import { formatCount } from '../../lib/rates';
import { fill, plural, said, words } from '../../words';
import { useReadAgain } from './queries';

export const RedDay = ({ day: { day, sentence, orders } }: { day: AgreementDay }) => {
  const again = useReadAgain();
  return (
    <s-section heading={fill(words.agreement.red, { day: formatLongDay(day) })}>
      <p>{sentence}</p>
      {orders && orders.length > 0 ? (
        <>
          <h3 className="small">{words.agreement.suspects}</h3>
          <ul className="ledger">
            {orders.map((order) => (
              <li key={order.shopify_order_id} className="ledger-line">
                <span className="ledger-title">
                  <s-link href={`/orders/${order.shopify_order_id}`}>{order.name}</s-link>
                </span>
                <Amount of={order.booked} />
                <span className="quiet small ledger-why">{said(order.sentence)}</span>
              </li>
            ))}
          </ul>
          {again.data ? (
            <p role="status">{plural(words.agreement.asked, again.data.orders, { count: formatCount(again.data.orders) })}</p>
          ) : (
            <s-button onClick={() => again.mutate(day)} loading={again.isPending}>
              {words.agreement.readAgain}
            </s-button>
          )}
          {again.error && (
            <p role="alert" className="small">
              {fromThrown(again.error).detail}
            </p>
          )}
        </>
      ) : (
        <p className="quiet small">{words.agreement.noSuspects}</p>
      )}
    </s-section>
  );
};
