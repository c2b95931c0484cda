// One checkout, from its first step to its end.
import { useParams } from 'react-router';
import { Problem } from '../../api/problem';
import type { CheckoutStory } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Empty, Failed, Skeleton } from '../../components/page-states';
import { formatInstant } from '../../lib/dates';
import { stateName } from '../checkouts/words';
import { words } from '../../words';
import { useStory } from './queries';
import { Story } from './Story';
import '../message/message.css';

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/checkouts">
    {words.checkout.back}
  </s-link>
);

const Facts = ({ checkout }: CheckoutStory) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section accessibilityLabel={words.checkout.title}>
      <dl className="message-facts">
        <div>
          <dt>{words.checkout.state}</dt>
          <dd>{stateName(checkout.state)}</dd>
        </div>
        <div>
          <dt>{words.policies.worth}</dt>
          <dd>{checkout.value ? <Amount of={checkout.value} /> : words.checkout.notKnown}</dd>
        </div>
        <div>
          <dt>{words.checkout.lastWorked}</dt>
          <dd>{formatInstant(checkout.last_active_at, zone)}</dd>
        </div>
        <div>
          <dt>{words.checkout.abandoned}</dt>
          <dd>{checkout.abandoned_at ? formatInstant(checkout.abandoned_at, zone) : words.checkout.notQuiet}</dd>
        </div>
      </dl>
    </s-section>
  );
};

export const Checkout = () => {
  const { token = '' } = useParams();
  const story = useStory(token);
  const isMissing = story.error instanceof Problem && story.error.status === 404;
  return (
    <s-page heading={words.checkout.story}>
      <Back />
      {story.data && (
        <div className="stack">
          <Facts {...story.data} />
          <Story story={story.data} />
        </div>
      )}
      {isMissing && (
        <s-section accessibilityLabel={words.checkout.none}>
          <Empty title={words.checkout.unknown}>
            {words.checkout.unknownText}{' '}<s-link href="/checkouts">{words.checkout.seeAll}</s-link>
          </Empty>
        </s-section>
      )}
      {!isMissing && story.error && <Failed error={story.error} retry={story.refetch} />}
      {story.isPending && <Skeleton lines={10} />}
    </s-page>
  );
};
