// What the leak radar says of this campaign: what was seen, where, what to do, and the word that somebody saw to it.
import { useState } from 'react';
import type { Alarm } from '../../api/types';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Loaded } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';
import { useAlarms, useCloseAlarm } from './queries';

const names = (): Record<string, string> => ({
  canary: words.campaign.alarmCanary,
  used_twice: words.campaign.alarmTwice,
  somebody_else: words.campaign.alarmOther,
  before_delivery: words.campaign.alarmEarly,
  burst: words.campaign.alarmBurst,
});

const Place = ({ on }: { on: string }) => {
  const [kind, id = ''] = on.split(':');
  if (kind === 'order') return <s-link href={`/orders/${encodeURIComponent(id)}`}>{words.campaign.anOrder}</s-link>;
  return <>{kind === 'checkout' ? words.campaign.aCheckout : words.campaign.manyCheckouts}</>;
};

const Row = ({ alarm, zone }: { alarm: Alarm; zone: string }) => {
  const [asks, ask] = useState(false);
  const close = useCloseAlarm();
  return (
    <li className="alarm" data-alarm={alarm.kind}>
      <div className="alarm-top">
        <h3>{names()[alarm.kind] ?? alarm.kind}</h3>
        <s-badge tone={alarm.closed_at ? 'neutral' : alarm.severity === 'critical' ? 'critical' : 'warning'}>{alarm.closed_at ? words.campaign.closed : words.campaign.open}</s-badge>
        {!alarm.closed_at && <s-button onClick={() => ask(true)}>{words.campaign.closeAlarm}</s-button>}
      </div>
      <p>{said(alarm.what)}</p>
      <p>
        <b>{words.common.whatToDo}</b> {said(alarm.advice)}
      </p>
      <ul className="alarm-seen small">
        {alarm.seen.slice(0, 5).map((seen) => (
          <li key={`${seen.code}/${seen.on}`}>
            <span className="mono">{seen.code}</span>{' '}{rich(words.campaign.onPlace, { place: <Place on={seen.on} />, at: formatMoment(seen.at, zone) })}
          </li>
        ))}
      </ul>
      <p className="quiet small">
        {rich(words.campaign.seen, { times: counted(alarm.sightings, words.counts.time), first_seen_at: formatMoment(alarm.first_seen_at, zone), slot_ends_at: formatMoment(alarm.slot_ends_at, zone), closed_at: alarm.closed_at && fill(words.campaign.closedAt, { closed_at: formatMoment(alarm.closed_at, zone) }) })}
      </p>
      {asks && (
        <Confirm
          heading={words.campaign.closeQuestion}
          action={words.campaign.closeAlarm}
          isPending={close.isPending}
          error={close.error}
          onClose={() => ask(false)}
          onConfirm={() => close.mutate(alarm.id, { onSuccess: () => ask(false) })}
        >
          <p>{words.campaign.closeText}</p>
          <p>{words.campaign.closeAgain}</p>
        </Confirm>
      )}
    </li>
  );
};

/** Codes in other hands are mostly gifts: one quiet line, which goes by itself when the slot is over. */
const Quiet = ({ alarm, zone }: { alarm: Alarm; zone: string }) => (
  <li className="alarm-quiet small" data-alarm={alarm.kind}>
    <span>
      {fill(words.campaign.gifts, { codes: counted(alarm.sightings, words.counts.code), first_seen_at: formatMoment(alarm.first_seen_at, zone), end: alarm.closed_at ? fill(words.campaign.closedOn, { closed_at: formatMoment(alarm.closed_at, zone) }) : fill(words.campaign.lineCloses, { slot_ends_at: formatMoment(alarm.slot_ends_at, zone) }) })}
    </span>
    <details>
      <summary>{words.campaign.whichOnes}</summary>
      <ul className="alarm-seen">
        {alarm.seen.map((seen) => (
          <li key={`${seen.code}/${seen.on}`}>
            <span className="mono">{seen.code}</span>{' '}{rich(words.campaign.onPlace, { place: <Place on={seen.on} />, at: formatMoment(seen.at, zone) })}
          </li>
        ))}
      </ul>
    </details>
  </li>
);

const List = ({ id, state }: { id: string; state: 'open' | 'closed' }) => {
  const { time_zone: zone } = useShop();
  const alarms = useAlarms(id, state);
  const rows = alarms.data?.pages.flatMap((page) => page.alarms) ?? [];
  const loud = rows.filter(({ severity }) => severity !== 'notice');
  const quiet = rows.filter(({ severity }) => severity === 'notice');
  return (
    <Loaded of={alarms} lines={2}>
      {() => (
        <>
          {loud.length === 0 && (state === 'open' || quiet.length === 0) && (
            <p>
              {state === 'open' && <i className="dot dot-good" aria-hidden="true" />} {state === 'open' ? words.campaign.noLeak : words.campaign.noneClosed}
            </p>
          )}
          <ul className="alarms">
            {loud.map((alarm) => (
              <Row key={alarm.id} alarm={alarm} zone={zone} />
            ))}
          </ul>
          <ul className="alarms">
            {quiet.map((alarm) => (
              <Quiet key={alarm.id} alarm={alarm} zone={zone} />
            ))}
          </ul>
          {alarms.hasNextPage && (
            <div>
              <s-button loading={alarms.isFetchingNextPage} onClick={() => void alarms.fetchNextPage()}>
                {words.campaign.moreAlarms}
              </s-button>
            </div>
          )}
        </>
      )}
    </Loaded>
  );
};

export const Alarms = ({ id }: { id: string }) => {
  const [older, showOlder] = useState(false);
  return (
    <s-section heading={words.campaign.alarms}>
      <div className="stack">
        <List id={id} state="open" />
        <details onToggle={(event) => showOlder(event.currentTarget.open)}>
          <summary>{words.campaign.closedAlarms}</summary>
          {older && <List id={id} state="closed" />}
        </details>
      </div>
    </s-section>
  );
};
