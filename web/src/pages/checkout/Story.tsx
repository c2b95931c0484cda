// The story as a line from top to bottom: what the shopper did, what was sent, and how it ended.
import type { CheckoutMoment, CheckoutStory } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment, formatSpan, secondsBetween } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { momentName } from '../../lib/words';
import { fill, words } from '../../words';

const names = (): Record<CheckoutMoment['what'], string> => ({
  begun: words.checkout.begun,
  worked_on: words.checkout.workedOn,
  contact_known: words.checkout.contact,
  abandoned: words.checkout.abandoned,
  offered: words.checkout.offered,
  held_out: words.checkout.leftAlone,
  message: words.common.message,
  taken_back: words.checkout.takenBack,
  completed: words.checkout.completed,
  bought: words.checkout.elsewhere,
  deleted: words.checkout.deleted,
});

const nameOf = ({ what, moment }: CheckoutMoment): string => {
  if (!moment) return names()[what];
  return moment.hit ? (moment.hit.human ? words.order.tapped : words.checkout.machine) : momentName(moment.what);
};

const toneOf = ({ what, moment }: CheckoutMoment): string => {
  if (moment?.hit) return moment.hit.human ? 'person' : 'machine';
  if (what === 'completed' || what === 'bought' || moment?.what === 'ordered') return 'order';
  return what === 'abandoned' || what === 'taken_back' || what === 'deleted' ? 'taken' : 'message';
};

export const Story = ({ story }: { story: CheckoutStory }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.order.happened}>
      {story.steps_left_out > 0 && <p className="quiet small">{fill(words.checkout.notListed, { steps: counted(story.steps_left_out, words.counts.earlierStep) })}</p>}
      <ol className="life">
        {story.moments.map((one, index) => {
          const before = story.moments[index - 1];
          const gap = before ? secondsBetween(before.at, one.at) : 0;
          return (
            <li key={`${one.at}-${one.what}-${index}`} className={`life-${toneOf(one)}`}>
              <time dateTime={one.at}>
                {formatMoment(one.at, zone)}
                {gap > 0 && <span className="quiet small below">{fill(words.order.later, { span: formatSpan(gap) })}</span>}
              </time>
              <i aria-hidden="true" />
              <div className="life-words">
                <strong>{nameOf(one)}</strong>
                <span>{told(one.sentence, zone)}</span>
                {one.moment?.order && (
                  <span>
                    <s-link href={`/orders/${one.moment.order.shopify_order_id}`}>{fill(words.order.title, { name: one.moment.order.name })}</s-link>
                    {words.checkout.withSales}
                    <Amount of={one.moment.order.net_sales} />
                  </span>
                )}
                {one.message_id && <s-link href={`/messages/${one.message_id}`}>{words.checkout.messageLife}</s-link>}
              </div>
            </li>
          );
        })}
      </ol>
    </s-section>
  );
};
