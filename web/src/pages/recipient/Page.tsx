// One recipient: what their messages came to, what happened in order, and how they are reached when somebody needs to know.
import { useParams } from 'react-router';
import { Problem } from '../../api/problem';
import type { RecipientLife } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Sums } from '../../components/list/Sums';
import { Empty, Failed, Skeleton } from '../../components/page-states';
import { formatInstant, formatMoment } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { fill, words } from '../../words';
import { Contact } from './Contact';
import { Life } from './Life';
import { useLife } from './queries';
import '../message/message.css';
import './recipient.css';

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/messages">
    {words.recipient.back}
  </s-link>
);

const Draws = ({ life: { draws, draws_left_out: leftOut } }: { life: RecipientLife }) => {
  const { time_zone: zone } = useShop();
  return (
    <>
      <ul className="recipient-draws">
        {draws.map((draw) => (
          <li key={`${draw.drawn_at}-${draw.campaign.id}`}>
            {draw.message_id ? <s-link href={`/messages/${draw.message_id}`}>{draw.campaign.name}</s-link> : <s-link href={`/campaigns/${draw.campaign.id}`}>{draw.campaign.name}</s-link>}
            <span className="quiet small">{formatMoment(draw.drawn_at, zone)}</span>
            <s-badge tone={draw.held_out ? 'warning' : 'info'}>{draw.held_out ? (draw.by_program ? words.recipient.byProgram : words.recipient.heldOut) : words.recipient.written}</s-badge>
          </li>
        ))}
      </ul>
      {leftOut > 0 && <p className="quiet small">{fill(words.recipient.earlier, { times: counted(leftOut, words.counts.moreTime) })}</p>}
    </>
  );
};

const Marketing = ({ choice }: { choice: RecipientLife['marketing'] }) => {
  if (choice === 'stop') return <s-badge tone="critical">{words.recipient.wantsNone}</s-badge>;
  return choice === 'resume' ? <s-badge tone="success">{words.recipient.wantsAgain}</s-badge> : <span className="quiet small">{words.recipient.saidNothing}</span>;
};

const Whole = ({ life, id }: { life: RecipientLife; id: string }) => {
  const { time_zone: zone } = useShop();
  const { sums } = life;
  return (
    <div className="stack">
      <p className="recipient-lead">
        {fill(words.recipient.since, { since: formatInstant(life.known_since, zone) })} <Marketing choice={life.marketing} />
        {life.forgotten_at && <s-badge>{fill(words.recipient.forgotten, { at: formatInstant(life.forgotten_at, zone) })}</s-badge>}
      </p>
      <Sums
        label={words.recipient.sums}
        tiles={[
          { key: 'messages', name: words.shell.messages, value: formatCount(sums.messages), note: fill(words.recipient.arrivedRead, { delivered: formatCount(sums.delivered), read: formatCount(sums.read) }) },
          { key: 'tapped', name: words.recipient.tapped, value: formatCount(sums.tapped), note: fill(words.recipient.ofMessages, { messages: counted(sums.messages, words.counts.message) }) },
          { key: 'held_out', name: words.recipient.heldOutTimes, value: formatCount(sums.held_out) },
          { key: 'orders', name: words.shell.orders, value: formatCount(sums.orders), note: <Amount of={sums.net_sales} /> },
          { key: 'orders_back', name: words.recipient.goBack, value: formatCount(sums.orders_back), note: <Amount of={sums.net_sales_back} /> },
        ]}
      />
      <div className="columns">
        <s-section heading={words.recipient.chosen}>
          <Draws life={life} />
        </s-section>
        <s-section heading={words.recipient.reached}>
          <div className="stack">
            <Contact id={id} isKept={life.contact_kept} />
          </div>
        </s-section>
      </div>
      <s-section heading={words.order.happened}>
        <Life moments={life.moments} />
        <p className="quiet small">{words.recipient.nobodyNamed}</p>
      </s-section>
    </div>
  );
};

export const Recipient = () => {
  const { id = '' } = useParams();
  const life = useLife(id);
  const isMissing = life.error instanceof Problem && life.error.status === 404;
  return (
    <s-page heading={words.recipient.title}>
      <Back />
      {life.data && <Whole life={life.data} id={id} />}
      {isMissing && (
        <s-section accessibilityLabel={words.recipient.unknown}>
          <Empty title={words.recipient.unknown}>
            {words.recipient.unknownText} <s-link href="/messages">{words.recipient.seeAll}</s-link>
          </Empty>
        </s-section>
      )}
      {!isMissing && life.error && <Failed error={life.error} retry={life.refetch} />}
      {life.isPending && <Skeleton lines={10} />}
    </s-page>
  );
};
