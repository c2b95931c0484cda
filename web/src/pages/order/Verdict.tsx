// The verdict in one sentence, with what it rests on.
import type { Receipt } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { className, evidenceName, lineName, lineTone, paymentName, sourceName } from '../../lib/words';

const adminLink = (id: string, domain: string): string =>
  window.shopify ? `shopify://admin/orders/${encodeURIComponent(id)}` : `https://${domain}/admin/orders/${encodeURIComponent(id)}`;

const Facts = ({ receipt: { order } }: { receipt: Receipt }) => {
  const shop = useShop();
  const facts = [
    `Placed ${formatInstant(order.ordered_at, shop.time_zone)}`,
    order.financial_status ? paymentName(order.financial_status) : null,
    order.source_name ? sourceName(order.source_name) : null,
    order.cancelled_at ? `Cancelled ${formatInstant(order.cancelled_at, shop.time_zone)}` : null,
    order.test ? 'Test order, counts zero' : null,
  ];
  return (
    <p className="quiet small verdict-facts">
      {facts.filter((fact) => fact !== null).join(' · ')} ·{' '}
      <s-link href={adminLink(order.shopify_order_id, shop.domain)} target={window.shopify ? '_top' : '_blank'}>
        Open in Shopify
      </s-link>
    </p>
  );
};

export const Verdict = ({ receipt }: { receipt: Receipt }) => {
  const { verdict, winner, recovered, policy } = receipt;
  return (
    <s-section accessibilityLabel="Verdict">
      <div className="verdict">
        <p className="verdict-badges">
          <s-badge tone={lineTone(verdict.line)}>{lineName(verdict.line)}</s-badge>
          {recovered && <s-badge tone="warning">Recovered cart</s-badge>}
          {winner && <s-badge>{className(winner.class)} evidence</s-badge>}
        </p>
        <p className="verdict-sentence">{verdict.sentence}</p>
        {winner && (
          <p>
            <b>{evidenceName(winner.kind)}</b>
            {winner.code && (
              <>
                {' '}
                <span className="mono verdict-code">{winner.code}</span>
              </>
            )}{' '}
            <span className="quiet">from the campaign</span> {winner.campaign.name}
          </p>
        )}
        {recovered && <p>{recovered.sentence}</p>}
        <Facts receipt={receipt} />
        <p className="quiet small">
          Judged by the rules “{policy.name}”, version {policy.version}.
        </p>
      </div>
    </s-section>
  );
};
