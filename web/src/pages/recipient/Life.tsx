// What happened, from top to bottom, of all their messages together.
import type { LifeMoment } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { momentName } from '../../lib/words';
import { fill, words } from '../../words';

const toneOf = ({ what, moment }: LifeMoment): string => {
  if (what === 'ordered' || moment?.what === 'ordered') return 'order';
  if (moment?.hit) return moment.hit.human ? 'person' : 'machine';
  if (what === 'opted_out' || ['failed', 'code_expired', 'code_revoked', 'restated'].includes(moment?.what ?? '')) return 'taken';
  return 'message';
};

const nameOf = ({ what, moment }: LifeMoment): string => {
  if (moment?.hit) return moment.hit.human ? (moment.hit.visit ? words.order.tapped : words.order.tappedAgain) : words.checkout.machine;
  return what === 'message' && moment ? momentName(moment.what) : words.recipient.what[what];
};

const Order = ({ order }: { order: NonNullable<LifeMoment['order']> }) => (
  <span>
    <s-link href={`/orders/${order.shopify_order_id}`}>{fill(words.order.title, { name: order.name })}</s-link>
    {words.checkout.withSales}
    <Amount of={order.net_sales} />
  </span>
);

export const Life = ({ moments }: { moments: LifeMoment[] }) => {
  const { time_zone: zone } = useShop();
  return (
    <ol className="life">
      {moments.map((one, index) => (
        <li key={`${one.at}-${one.what}-${index}`} className={`life-${toneOf(one)}`}>
          <time dateTime={one.at}>{formatMoment(one.at, zone)}</time>
          <i aria-hidden="true" />
          <div className="life-words">
            <strong>{nameOf(one)}</strong>
            <span>{told(one.moment?.hit ? (one.moment.hit.reasons[0]?.sentence ?? one.sentence) : one.sentence, zone)}</span>
            {(one.order ?? one.moment?.order) && <Order order={(one.order ?? one.moment?.order)!} />}
            {one.campaign && (
              <span className="quiet small">
                {one.message_id ? <s-link href={`/messages/${one.message_id}`}>{fill(words.recipient.messageOf, { campaign: one.campaign.name })}</s-link> : one.campaign.name}
              </span>
            )}
            {one.checkout_token && (
              <span className="small">
                <s-link href={`/checkouts/${encodeURIComponent(one.checkout_token)}`}>{words.recipient.checkout}</s-link>
              </span>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
};
