// One message, from the draw to the order: what happened, when, and which of the hits on its link were a person's.
import { useParams } from 'react-router';
import { Problem } from '../../api/problem';
import type { Timeline } from '../../api/types';
import { useShop } from '../../app/shop';
import { Empty, Failed, Skeleton } from '../../components/page-states';
import { formatInstant } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { Life } from './Life';
import { useTimeline } from './queries';
import './message.css';

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/links">
    ← Links
  </s-link>
);

const Facts = ({ life }: { life: Timeline }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section accessibilityLabel="The message">
      <dl className="message-facts">
        <div>
          <dt>Campaign</dt>
          <dd>
            <s-link href={`/links?campaign=${encodeURIComponent(life.campaign.id)}&days=90`}>{life.campaign.name}</s-link>
          </dd>
        </div>
        <div>
          <dt>Code</dt>
          <dd>{life.code ? <span className="mono">{life.code}</span> : 'No code'}</dd>
        </div>
        <div>
          <dt>Good until</dt>
          <dd>{life.expires_at ? formatInstant(life.expires_at, zone) : 'No end'}</dd>
        </div>
        <div>
          <dt>Opened</dt>
          <dd>
            {counted(life.taps, 'tap')} by people in {counted(life.visits, 'visit')}
            <span className="quiet small below">{life.raw > life.taps ? `and ${counted(life.raw - life.taps, 'hit')} by machines` : 'and by no machine'}</span>
          </dd>
        </div>
      </dl>
    </s-section>
  );
};

export const Message = () => {
  const { id = '' } = useParams();
  const life = useTimeline(id);
  const [first] = life.data?.pages ?? [];
  const last = life.data?.pages.at(-1);
  if (first && last) {
    const moments = life.data?.pages.flatMap((page) => page.moments) ?? [];
    moments.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    return (
      <s-page heading="A message’s life">
        <Back />
        <div className="stack">
          <Facts life={first} />
          <Life
            life={{ ...first, moments, hits_left_out: last.hits_left_out }}
            more={life.hasNextPage ? () => void life.fetchNextPage() : undefined}
            isFetching={life.isFetchingNextPage}
          />
        </div>
      </s-page>
    );
  }
  const isMissing = life.error instanceof Problem && life.error.status === 404;
  return (
    <s-page heading="A message’s life">
      <Back />
      {isMissing && (
        <s-section accessibilityLabel="No such message">
          <Empty title="This message is not known here">
            The address may be cut off, or the message belongs to another shop. <s-link href="/links">See all links</s-link>
          </Empty>
        </s-section>
      )}
      {!isMissing && life.error && <Failed error={life.error} retry={life.refetch} />}
      {life.isPending && <Skeleton lines={10} />}
    </s-page>
  );
};
