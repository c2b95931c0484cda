// One message, from the draw to the order: what happened, when, and which of the hits on its link were a person's.
import { useParams } from 'react-router';
import { Problem } from '../../api/problem';
import type { Timeline } from '../../api/types';
import { useShop } from '../../app/shop';
import { Empty, Failed, Skeleton } from '../../components/page-states';
import { formatInstant } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, words } from '../../words';
import { Life } from './Life';
import { useTimeline } from './queries';
import './message.css';

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/links">
    {words.message.back}
  </s-link>
);

const Facts = ({ life }: { life: Timeline }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section accessibilityLabel={words.message.title}>
      <dl className="message-facts">
        <div>
          <dt>{words.common.campaign}</dt>
          <dd>
            <s-link href={`/links?campaign=${encodeURIComponent(life.campaign.id)}&days=90`}>{life.campaign.name}</s-link>
          </dd>
        </div>
        <div>
          <dt>{words.common.code}</dt>
          <dd>{life.code ? <span className="mono">{life.code}</span> : words.message.noCode}</dd>
        </div>
        <div>
          <dt>{words.message.goodUntil}</dt>
          <dd>{life.expires_at ? formatInstant(life.expires_at, zone) : words.message.noEnd}</dd>
        </div>
        <div>
          <dt>{words.message.opened}</dt>
          <dd>
            {fill(words.message.taps, { taps: counted(life.taps, words.counts.tap), visits: counted(life.visits, words.counts.visit) })}
            <span className="quiet small below">{life.raw > life.taps ? fill(words.message.machines, { hits: counted(life.raw - life.taps, words.counts.hit) }) : words.message.noMachine}</span>
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
      <s-page heading={words.message.life}>
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
    <s-page heading={words.message.life}>
      <Back />
      {isMissing && (
        <s-section accessibilityLabel={words.message.none}>
          <Empty title={words.message.unknown}>
            {words.message.unknownText}{' '}<s-link href="/links">{words.message.seeAll}</s-link>
          </Empty>
        </s-section>
      )}
      {!isMissing && life.error && <Failed error={life.error} retry={life.refetch} />}
      {life.isPending && <Skeleton lines={10} />}
    </s-page>
  );
};
