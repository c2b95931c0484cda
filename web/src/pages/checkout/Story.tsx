// The story as a line from top to bottom: what the shopper did, what was sent, and how it ended.
import type { CheckoutMoment, CheckoutStory } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment, formatSpan, secondsBetween } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { momentName } from '../../lib/words';

const NAMES: Record<CheckoutMoment['what'], string> = {
  begun: 'Begun',
  worked_on: 'Worked on',
  contact_known: 'Contact known',
  abandoned: 'Abandoned',
  offered: 'Offered',
  held_out: 'Left alone',
  message: 'Message',
  taken_back: 'Taken back',
  completed: 'Completed',
  bought: 'Bought elsewhere',
  deleted: 'Deleted',
};

const nameOf = ({ what, moment }: CheckoutMoment): string => {
  if (!moment) return NAMES[what];
  return moment.hit ? (moment.hit.human ? 'Link tapped' : 'Machine') : momentName(moment.what);
};

const toneOf = ({ what, moment }: CheckoutMoment): string => {
  if (moment?.hit) return moment.hit.human ? 'person' : 'machine';
  if (what === 'completed' || what === 'bought' || moment?.what === 'ordered') return 'order';
  return what === 'abandoned' || what === 'taken_back' || what === 'deleted' ? 'taken' : 'message';
};

export const Story = ({ story }: { story: CheckoutStory }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading="What happened">
      {story.steps_left_out > 0 && <p className="quiet small">{counted(story.steps_left_out, 'earlier step')} not listed.</p>}
      <ol className="life">
        {story.moments.map((one, index) => {
          const before = story.moments[index - 1];
          const gap = before ? secondsBetween(before.at, one.at) : 0;
          return (
            <li key={`${one.at}-${one.what}-${index}`} className={`life-${toneOf(one)}`}>
              <time dateTime={one.at}>
                {formatMoment(one.at, zone)}
                {gap > 0 && <span className="quiet small below">{formatSpan(gap)} later</span>}
              </time>
              <i aria-hidden="true" />
              <div className="life-words">
                <strong>{nameOf(one)}</strong>
                <span>{told(one.sentence, zone)}</span>
                {one.moment?.order && (
                  <span>
                    <s-link href={`/orders/${one.moment.order.shopify_order_id}`}>Order {one.moment.order.name}</s-link>
                    {', net sales '}
                    <Amount of={one.moment.order.net_sales} />
                  </span>
                )}
                {one.message_id && <s-link href={`/messages/${one.message_id}`}>The message’s life</s-link>}
              </div>
            </li>
          );
        })}
      </ol>
    </s-section>
  );
};
