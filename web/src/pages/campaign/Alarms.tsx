// What the leak radar says of this campaign: what was seen, where, what to do, and the word that somebody saw to it.
import { useState } from 'react';
import type { Alarm } from '../../api/types';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Loaded } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { useAlarms, useCloseAlarm } from './queries';

const NAMES: Record<string, string> = {
  canary: 'A secret code turned up',
  used_twice: 'A code was used twice',
  somebody_else: 'Used by somebody else',
  before_delivery: 'Used before delivery',
  burst: 'A code was passed around',
};

const Place = ({ on }: { on: string }) => {
  const [kind, id = ''] = on.split(':');
  if (kind === 'order') return <s-link href={`/orders/${encodeURIComponent(id)}`}>an order</s-link>;
  return <>{kind === 'checkout' ? 'a checkout' : 'many checkouts'}</>;
};

const Row = ({ alarm, zone }: { alarm: Alarm; zone: string }) => {
  const [asks, ask] = useState(false);
  const close = useCloseAlarm();
  return (
    <li className="alarm" data-alarm={alarm.kind}>
      <div className="alarm-top">
        <h3>{NAMES[alarm.kind] ?? alarm.kind}</h3>
        <s-badge tone={alarm.closed_at ? 'neutral' : alarm.severity === 'critical' ? 'critical' : 'warning'}>{alarm.closed_at ? 'Closed' : 'Open'}</s-badge>
        {!alarm.closed_at && <s-button onClick={() => ask(true)}>Close alarm</s-button>}
      </div>
      <p>{alarm.what}</p>
      <p>
        <b>What to do:</b> {alarm.advice}
      </p>
      <ul className="alarm-seen small">
        {alarm.seen.slice(0, 5).map((seen) => (
          <li key={`${seen.code}/${seen.on}`}>
            <span className="mono">{seen.code}</span> on <Place on={seen.on} />, {formatMoment(seen.at, zone)}
          </li>
        ))}
      </ul>
      <p className="quiet small">
        Seen {counted(alarm.sightings, 'time')} since {formatMoment(alarm.first_seen_at, zone)}, in the slot that ends {formatMoment(alarm.slot_ends_at, zone)}.
        {alarm.closed_at && ` Closed ${formatMoment(alarm.closed_at, zone)}.`}
      </p>
      {asks && (
        <Confirm
          heading="Close this alarm?"
          action="Close alarm"
          isPending={close.isPending}
          error={close.error}
          onClose={() => ask(false)}
          onConfirm={() => close.mutate(alarm.id, { onSuccess: () => ask(false) })}
        >
          <p>Closing says that somebody saw to it. No code is changed by that: revoke them first if they should stop working.</p>
          <p>If something new of this kind is seen in the same slot, the alarm opens again.</p>
        </Confirm>
      )}
    </li>
  );
};

/** Codes in other hands are mostly gifts: one quiet line, which goes by itself when the slot is over. */
const Quiet = ({ alarm, zone }: { alarm: Alarm; zone: string }) => (
  <li className="alarm-quiet small" data-alarm={alarm.kind}>
    <span>
      {counted(alarm.sightings, 'code')} used by somebody else than the recipient since {formatMoment(alarm.first_seen_at, zone)}: mostly gifts.{' '}
      {alarm.closed_at ? `Closed ${formatMoment(alarm.closed_at, zone)}.` : `This line closes when the slot ends, ${formatMoment(alarm.slot_ends_at, zone)}.`}
    </span>
    <details>
      <summary>Which ones</summary>
      <ul className="alarm-seen">
        {alarm.seen.map((seen) => (
          <li key={`${seen.code}/${seen.on}`}>
            <span className="mono">{seen.code}</span> on <Place on={seen.on} />, {formatMoment(seen.at, zone)}
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
              {state === 'open' && <i className="dot dot-good" aria-hidden="true" />} {state === 'open' ? 'Nothing looks like a leak.' : 'None was closed so far.'}
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
                Show more alarms
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
    <s-section heading="Leak alarms">
      <div className="stack">
        <List id={id} state="open" />
        <details onToggle={(event) => showOlder(event.currentTarget.open)}>
          <summary>Closed alarms</summary>
          {older && <List id={id} state="closed" />}
        </details>
      </div>
    </s-section>
  );
};
