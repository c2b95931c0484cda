// The verdict in one sentence, with what it rests on.
import type { Receipt } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { className, evidenceName, lineName, lineTone, paymentName, sourceName } from '../../lib/words';
import { fill, words } from '../../words';

const adminLink = (id: string, domain: string): string =>
  window.self !== window.top ? `shopify://admin/orders/${encodeURIComponent(id)}` : `https://${domain}/admin/orders/${encodeURIComponent(id)}`;

const Worth = ({ receipt: { order, policy } }: { receipt: Receipt }) => {
  const { time_zone: zone, domain } = useShop();
  const facts = [
    fill(words.order.placed, { ordered_at: formatInstant(order.ordered_at, zone) }),
    [order.financial_status && paymentName(order.financial_status), order.source_name && sourceName(order.source_name)]
      .filter(Boolean)
      .join(' · '),
    order.cancelled_at ? fill(words.order.cancelled, { cancelled_at: formatInstant(order.cancelled_at, zone) }) : '',
    order.test ? words.order.test : '',
    fill(words.order.rules, { name: policy.name, version: policy.version }),
  ];
  return (
    <div className="verdict-worth small quiet">
      <span>{words.overview.netSales}</span>
      <strong>
        <Amount of={order.net_sales} />
      </strong>
      {facts.filter(Boolean).map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
      <span>
        <s-link href={adminLink(order.shopify_order_id, domain)} target={window.self !== window.top ? '_top' : '_blank'}>
          {words.order.open}
        </s-link>
      </span>
    </div>
  );
};

export const Verdict = ({ receipt }: { receipt: Receipt }) => {
  const { verdict, winner, recovered } = receipt;
  const { time_zone: zone } = useShop();
  return (
    <s-section accessibilityLabel={words.order.verdict}>
      <div className="verdict">
        <div className="verdict-words">
          <p className="verdict-badges">
            <s-badge tone={lineTone(verdict.line)}>{lineName(verdict.line)}</s-badge>
            {recovered && <s-badge tone="warning">{words.orders.recoveredCart}</s-badge>}
            {winner && <s-badge>{fill(words.order.class, { class: className(winner.class) })}</s-badge>}
            {winner?.unwitnessed && <s-badge tone="warning">{words.order.noWitness}</s-badge>}
          </p>
          <p className="verdict-sentence">{told(verdict.sentence, zone)}</p>
          {winner && (
            <p>
              <b>{evidenceName(winner.kind)}</b>
              {winner.code && <span className="mono verdict-code">{winner.code}</span>}{' '}
              <span className="quiet">{words.order.fromCampaign}</span> {winner.campaign.name}
            </p>
          )}
          {recovered && (
            <p className="quiet">
              {winner && `${told(recovered.sentence, zone)} `}
              {recovered.campaign && fill(words.order.wasOf, { name: recovered.campaign.name })}
            </p>
          )}
        </div>
        <Worth receipt={receipt} />
      </div>
    </s-section>
  );
};
