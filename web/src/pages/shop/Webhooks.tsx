// Who is told when promised codes go live and when alarms are raised: endpoints, their secrets, what became of each telling.
import { useState } from 'react';
import type { Webhook, WebhookDelivery, WebhookEvent } from '../../api/types';
import { fromThrown } from '../../api/problem';
import { useShop } from '../../app/shop';
import { Copy } from '../../components/Copy';
import { Loaded } from '../../components/page-states';
import { LeaveGuard } from '../../components/Unsaved';
import { formatInstant, formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, said, words } from '../../words';
import { useAddWebhook, useDeleteWebhook, useRotateWebhook, useTestWebhook, useWebhookDeliveries, useWebhooks } from './queries';

const eventWords = (): Record<WebhookEvent, string> => ({
  'code.live': words.shop.eventCodes,
  'code.alarm': words.shop.eventLeak,
  'checkout.abandoned': words.shop.eventQuiet,
  'checkout.withdrawn': words.shop.eventBack,
  'order.judged': words.shop.eventVerdict,
  'export.ready': words.shop.eventFile,
});
const ALL = Object.keys(eventWords()) as WebhookEvent[];

const Trouble = ({ error }: { error: unknown }) => <s-banner tone="critical">{fromThrown(error).detail}</s-banner>;

/** Shown this once: whoever leaves without it draws a new one. */
const Secret = ({ secret, done }: { secret: string; done: () => void }) => {
  const [taken, setTaken] = useState(false);
  return (
    <s-banner tone="info" heading={words.shop.copySecretNow}>
      <p>{words.shop.secretOnce}</p>
      <p className="shop-secret mono">{secret}</p>
      <div className="shop-buttons">
        <Copy text={secret} label={words.shop.copySecret} copied={() => setTaken(true)} />
        <s-button variant="tertiary" onClick={done}>
          {words.shop.keptSecret}
        </s-button>
      </div>
      <LeaveGuard
        when={!taken}
        heading={words.shop.leaveSecret}
        text={words.shop.leaveSecretText}
        action={words.shop.leaveWithoutSecret}
      />
    </s-banner>
  );
};

const Add = ({ told }: { told: (secret: string) => void }) => {
  const add = useAddWebhook();
  const [url, setUrl] = useState('');
  const [events, setEvents] = useState<WebhookEvent[]>(ALL);
  const toggle = (event: WebhookEvent): void => setEvents(ALL.filter((one) => (one === event) !== events.includes(one)));
  const submit = (): void =>
    add.mutate(
      { url: url.trim(), events },
      {
        onSuccess: ({ secret }) => {
          setUrl('');
          if (secret) told(secret);
        },
      },
    );
  return (
    <form
      className="shop-add"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label>
        <span className="quiet small">{words.shop.address}</span>
        <input type="url" name="url" value={url} placeholder="https://platform.example/recoup" onChange={(event) => setUrl(event.target.value)} />
      </label>
      <fieldset>
        <legend className="quiet small">{words.shop.tellWhen}</legend>
        {ALL.map((event) => (
          <label key={event}>
            <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} /> {eventWords()[event]}
          </label>
        ))}
      </fieldset>
      <LeaveGuard when={url.trim() !== ''} />
      {add.error && <Trouble error={add.error} />}
      <div>
        <s-button variant="primary" loading={add.isPending} disabled={url.trim() === '' || events.length === 0} onClick={submit}>
          {words.shop.addWebhook}
        </s-button>
      </div>
    </form>
  );
};

const states = (): Record<WebhookDelivery['state'], string> => ({ waiting: words.shop.waiting, delivered: words.shop.delivered, dead: words.shop.givenUp });

const outcome = (row: WebhookDelivery, zone: string): string => {
  const tries = row.attempts > 0 ? fill(words.shop.after, { tries: counted(row.attempts, words.counts.try) }) : words.shop.notTried;
  const next = row.next_try_at ? fill(words.shop.nextTry, { next_try_at: formatMoment(row.next_try_at, zone) }) : '';
  return `${tries}${next}. ${said(row.reason ?? '')}`.trim();
};

const Deliveries = ({ id, zone }: { id: string; zone: string }) => {
  const deliveries = useWebhookDeliveries(id);
  return (
    <Loaded of={deliveries} lines={2}>
      {({ deliveries: rows }) =>
        rows.length === 0 ? (
          <p className="quiet small">{words.shop.nothingSent}</p>
        ) : (
          <ul className="shop-log small">
            {rows.map((row) => (
              <li key={row.id}>
                {formatMoment(row.created_at, zone)} · <span className="mono">{row.event}</span> · <b>{states()[row.state]}</b> {outcome(row, zone)}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
};

const standing = (one: Webhook, zone: string): string => {
  if (one.disabled_at) return fill(words.shop.disabled, { disabled_at: formatInstant(one.disabled_at, zone), disabled_because: said(one.disabled_because ?? '') }).trim();
  if (one.failing_since) return fill(words.shop.notTaking, { failing_since: formatInstant(one.failing_since, zone) });
  return one.last_delivered_at ? fill(words.shop.lastTaken, { last_delivered_at: formatMoment(one.last_delivered_at, zone) }) : words.shop.nothingDelivered;
};

const badge = (one: Webhook): { tone: 'critical' | 'warning' | 'success'; text: string } => {
  if (one.disabled_at) return { tone: 'critical', text: words.shop.gone };
  return one.failing_since ? { tone: 'warning', text: words.shop.failingShort } : { tone: 'success', text: words.shop.listening };
};

const Endpoint = ({ one, zone, told }: { one: Webhook; zone: string; told: (secret: string) => void }) => {
  const [test, rotate, remove] = [useTestWebhook(), useRotateWebhook(), useDeleteWebhook()];
  const [open, setOpen] = useState(false);
  const [sure, setSure] = useState(false);
  const error = test.error ?? rotate.error ?? remove.error;
  const { tone, text } = badge(one);
  return (
    <li className="shop-webhook">
      <div className="shop-webhook-head">
        <span className="mono shop-url">{one.url}</span>
        <s-badge tone={tone}>{text}</s-badge>
      </div>
      <p className="quiet small">
        {one.events.map((event) => eventWords()[event]).join(' · ')}. {standing(one, zone)}
        {one.previous_secret_until && fill(words.shop.oldSecret, { previous_secret_until: formatInstant(one.previous_secret_until, zone) })}
      </p>
      {error && <Trouble error={error} />}
      <div className="shop-buttons">
        <s-button
          disabled={Boolean(one.disabled_at)}
          loading={test.isPending}
          onClick={() => test.mutate(one.id, { onSuccess: () => setOpen(true) })}
        >
          {words.shop.sendTest}
        </s-button>
        <s-button
          variant="tertiary"
          loading={rotate.isPending}
          onClick={() => rotate.mutate(one.id, { onSuccess: ({ secret }) => secret && told(secret) })}
        >
          {words.shop.newSecret}
        </s-button>
        <s-button variant="tertiary" loading={remove.isPending} onClick={() => (sure ? remove.mutate(one.id) : setSure(true))}>
          {sure ? words.shop.reallyDelete : words.shop.delete}
        </s-button>
      </div>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>{words.shop.wasTold}</summary>
        {open && <Deliveries id={one.id} zone={zone} />}
      </details>
    </li>
  );
};

export const Webhooks = () => {
  const { time_zone: zone } = useShop();
  const webhooks = useWebhooks();
  const [secret, setSecret] = useState<string>();
  return (
    <s-section heading={words.shop.webhooks}>
      <Loaded of={webhooks} lines={2}>
        {({ webhooks: rows }) => (
          <>
            {rows.length === 0 ? (
              <p>
                {words.shop.webhooksLead}
              </p>
            ) : (
              <ul className="shop-requests">
                {rows.map((one) => (
                  <Endpoint key={one.id} one={one} zone={zone} told={setSecret} />
                ))}
              </ul>
            )}
            {secret && <Secret secret={secret} done={() => setSecret(undefined)} />}
            <Add told={setSecret} />
          </>
        )}
      </Loaded>
    </s-section>
  );
};
