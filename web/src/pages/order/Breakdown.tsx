// From the prices to what counts, and apart from it what the shopper paid besides.
import type { Money, Receipt } from '../../api/types';
import { Amount } from '../../components/Amount';
import { useShop } from '../../app/shop';
import { negate } from '../../lib/money';
import { told } from '../../lib/sentence';

const readableKind = (kind: string): string => kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('_', ' ');

const Line = ({ name, of, isStrong = false, note }: { name: string; of: Money; isStrong?: boolean; note?: string }) => (
  <div className={isStrong ? 'money-line money-strong' : 'money-line'}>
    <dt>
      {name}
      {note && <span className="quiet small"> {note}</span>}
    </dt>
    <dd>
      <Amount of={of} />
    </dd>
  </div>
);

export const Breakdown = ({ receipt: { order, worth } }: { receipt: Receipt }) => {
  const { time_zone: zone } = useShop();
  const besides: [string, Money][] = [
    ['Shipping', order.shipping],
    ['Tax', order.tax],
    ['Tips', order.tips],
    ['Gift cards bought', order.gift_cards],
    ['Import duties', order.duties],
    ['Additional fees', order.fees],
  ];
  return (
    <s-section heading="What it was worth">
      {order.alarm && (
        <s-banner tone="warning" heading="This order does not add up">
          {order.alarm}
        </s-banner>
      )}
      <dl className="money">
        <Line name="Gross sales" of={order.gross} note="prices × quantity" />
        <Line name="Discounts" of={negate(order.discounts)} />
        <Line name="Returns" of={negate(order.returns)} />
        <Line name="Net sales" of={order.net_sales} isStrong note="what counts" />
      </dl>
      <p className="quiet small money-besides">Also part of the order, never of net sales</p>
      <dl className="money money-quiet">
        {besides
          .filter(([, amount]) => amount.minor !== 0)
          .map(([name, amount]) => (
            <Line key={name} name={name} of={amount} />
          ))}
        <Line name="Total paid by the shopper" of={order.total} />
      </dl>
      <p className="quiet small">{told(worth.sentence, zone)}</p>
      {worth.differences.length > 0 && (
        <ul className="quiet small">
          {worth.differences.map(({ kind, payload, sales }) => (
            <li key={kind}>
              {readableKind(kind)}: <Amount of={payload} /> by webhook, <Amount of={sales} /> by Shopify’s book
            </li>
          ))}
        </ul>
      )}
    </s-section>
  );
};
