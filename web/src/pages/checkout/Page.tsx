// One checkout, from its first step to its end.
import { useParams } from 'react-router';
import { Problem } from '../../api/problem';
import type { CheckoutStory } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Empty, Failed, Skeleton } from '../../components/page-states';
import { formatInstant } from '../../lib/dates';
import { stateName } from '../checkouts/words';
import { useStory } from './queries';
import { Story } from './Story';
import '../message/message.css';

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/checkouts">
    ← Abandoned checkouts
  </s-link>
);

const Facts = ({ checkout }: CheckoutStory) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section accessibilityLabel="The checkout">
      <dl className="message-facts">
        <div>
          <dt>State</dt>
          <dd>{stateName(checkout.state)}</dd>
        </div>
        <div>
          <dt>Worth</dt>
          <dd>{checkout.value ? <Amount of={checkout.value} /> : 'Not known'}</dd>
        </div>
        <div>
          <dt>Last worked on</dt>
          <dd>{formatInstant(checkout.last_active_at, zone)}</dd>
        </div>
        <div>
          <dt>Abandoned</dt>
          <dd>{checkout.abandoned_at ? formatInstant(checkout.abandoned_at, zone) : 'It did not lie quiet long enough'}</dd>
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
    <s-page heading="A checkout’s story">
      <Back />
      {story.data && (
        <div className="stack">
          <Facts {...story.data} />
          <Story story={story.data} />
        </div>
      )}
      {isMissing && (
        <s-section accessibilityLabel="No such checkout">
          <Empty title="This checkout is not known here">
            The address may be cut off, or the checkout belongs to another shop. <s-link href="/checkouts">See abandoned checkouts</s-link>
          </Empty>
        </s-section>
      )}
      {!isMissing && story.error && <Failed error={story.error} retry={story.refetch} />}
      {story.isPending && <Skeleton lines={10} />}
    </s-page>
  );
};
