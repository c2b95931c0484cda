// From the prices to what counts, and apart from it what the shopper paid besides.
import type { Money, Receipt } from '../../api/types';
import { Amount } from '../../components/Amount';
import { useShop } from '../../app/shop';
import { negate } from '../../lib/money';
import { told } from '../../lib/sentence';
import { said, words } from '../../words';
import { rich } from '../../words/rich';

const readableKind = (kind: string): string => {
  const name = said(kind.replaceAll('_', ' '));
  return name.charAt(0).toUpperCase() + name.slice(1);
};

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
    [words.order.shipping, order.shipping],
    [words.order.tax, order.tax],
    [words.order.tips, order.tips],
    [words.order.giftCards, order.gift_cards],
    [words.order.duties, order.duties],
    [words.order.fees, order.fees],
  ];
  return (
    <s-section heading={words.order.worth}>
      {order.alarm && (
        <s-banner tone="warning" heading={words.order.notAddUp}>
          {told(order.alarm, zone)}
        </s-banner>
      )}
      <dl className="money">
        <Line name={words.order.gross} of={order.gross} note={words.order.grossNote} />
        <Line name={words.order.discounts} of={negate(order.discounts)} />
        <Line name={words.order.returns} of={negate(order.returns)} />
        <Line name={words.overview.netSales} of={order.net_sales} isStrong note={words.order.counts} />
      </dl>
      <p className="quiet small money-besides">{words.order.besides}</p>
      <dl className="money money-quiet">
        {besides
          .filter(([, amount]) => amount.minor !== 0)
          .map(([name, amount]) => (
            <Line key={name} name={name} of={amount} />
          ))}
        <Line name={words.order.paid} of={order.total} />
      </dl>
      <p className="quiet small">{told(worth.sentence, zone)}</p>
      {worth.differences.length > 0 && (
        <ul className="quiet small">
          {worth.differences.map(({ kind, payload, sales }) => (
            <li key={kind}>
              {rich(words.order.difference, { kind: readableKind(kind), payload: <Amount of={payload} />, sales: <Amount of={sales} /> })}
            </li>
          ))}
        </ul>
      )}
    </s-section>
  );
};
