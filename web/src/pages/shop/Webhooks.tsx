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
import { useAddWebhook, useDeleteWebhook, useRotateWebhook, useTestWebhook, useWebhookDeliveries, useWebhooks } from './queries';

const EVENTS: Record<WebhookEvent, string> = {
  'code.live': 'Promised codes are live',
  'code.alarm': 'A leak alarm is raised',
  'checkout.abandoned': 'A checkout lies quiet',
  'checkout.withdrawn': 'An abandoned checkout is taken back',
  'order.judged': 'An order’s verdict changed',
};
const ALL = Object.keys(EVENTS) as WebhookEvent[];

const Trouble = ({ error }: { error: unknown }) => <s-banner tone="critical">{fromThrown(error).detail}</s-banner>;

/** Shown this once: whoever leaves without it draws a new one. */
const Secret = ({ secret, done }: { secret: string; done: () => void }) => {
  const [taken, setTaken] = useState(false);
  return (
    <s-banner tone="info" heading="Copy the secret now">
      <p>Your platform checks with it that calls come from Recoup. It is shown only this once.</p>
      <p className="shop-secret mono">{secret}</p>
      <div className="shop-buttons">
        <Copy text={secret} label="Copy the secret" copied={() => setTaken(true)} />
        <s-button variant="tertiary" onClick={done}>
          I have kept it
        </s-button>
      </div>
      <LeaveGuard
        when={!taken}
        heading="Leave without the secret?"
        text="You have not copied it, and it is never shown again. You could still draw a new one."
        action="Leave without it"
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
        <span className="quiet small">Address of your platform</span>
        <input type="url" name="url" value={url} placeholder="https://platform.example/recoup" onChange={(event) => setUrl(event.target.value)} />
      </label>
      <fieldset>
        <legend className="quiet small">Tell it when</legend>
        {ALL.map((event) => (
          <label key={event}>
            <input type="checkbox" checked={events.includes(event)} onChange={() => toggle(event)} /> {EVENTS[event]}
          </label>
        ))}
      </fieldset>
      <LeaveGuard when={url.trim() !== ''} />
      {add.error && <Trouble error={add.error} />}
      <div>
        <s-button variant="primary" loading={add.isPending} disabled={url.trim() === '' || events.length === 0} onClick={submit}>
          Add webhook
        </s-button>
      </div>
    </form>
  );
};

const STATES: Record<WebhookDelivery['state'], string> = { waiting: 'waiting', delivered: 'delivered', dead: 'given up' };

const outcome = (row: WebhookDelivery, zone: string): string => {
  const tries = row.attempts > 0 ? `after ${counted(row.attempts, 'try', 'tries')}` : 'not tried yet';
  const next = row.next_try_at ? `, next try ${formatMoment(row.next_try_at, zone)}` : '';
  return `${tries}${next}. ${row.reason ?? ''}`.trim();
};

const Deliveries = ({ id, zone }: { id: string; zone: string }) => {
  const deliveries = useWebhookDeliveries(id);
  return (
    <Loaded of={deliveries} lines={2}>
      {({ deliveries: rows }) =>
        rows.length === 0 ? (
          <p className="quiet small">Nothing was sent so far. Send a test to see whether it arrives.</p>
        ) : (
          <ul className="shop-log small">
            {rows.map((row) => (
              <li key={row.id}>
                {formatMoment(row.created_at, zone)} · <span className="mono">{row.event}</span> · <b>{STATES[row.state]}</b> {outcome(row, zone)}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
};

const standing = (one: Webhook, zone: string): string => {
  if (one.disabled_at) return `Nothing is sent there since ${formatInstant(one.disabled_at, zone)}. ${one.disabled_because ?? ''}`.trim();
  if (one.failing_since) return `It has not taken anything since ${formatInstant(one.failing_since, zone)}; Recoup keeps trying for a day.`;
  return one.last_delivered_at ? `Last taken ${formatMoment(one.last_delivered_at, zone)}.` : 'Nothing was delivered yet.';
};

const badge = (one: Webhook): { tone: 'critical' | 'warning' | 'success'; text: string } => {
  if (one.disabled_at) return { tone: 'critical', text: 'gone' };
  return one.failing_since ? { tone: 'warning', text: 'failing' } : { tone: 'success', text: 'listening' };
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
        {one.events.map((event) => EVENTS[event]).join(' · ')}. {standing(one, zone)}
        {one.previous_secret_until && ` Until ${formatInstant(one.previous_secret_until, zone)} the old secret signs too.`}
      </p>
      {error && <Trouble error={error} />}
      <div className="shop-buttons">
        <s-button
          disabled={Boolean(one.disabled_at)}
          loading={test.isPending}
          onClick={() => test.mutate(one.id, { onSuccess: () => setOpen(true) })}
        >
          Send a test
        </s-button>
        <s-button
          variant="tertiary"
          loading={rotate.isPending}
          onClick={() => rotate.mutate(one.id, { onSuccess: ({ secret }) => secret && told(secret) })}
        >
          New secret
        </s-button>
        <s-button variant="tertiary" loading={remove.isPending} onClick={() => (sure ? remove.mutate(one.id) : setSure(true))}>
          {sure ? 'Really delete it' : 'Delete'}
        </s-button>
      </div>
      <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>What it was told</summary>
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
    <s-section heading="Webhooks">
      <Loaded of={webhooks} lines={2}>
        {({ webhooks: rows }) => (
          <>
            {rows.length === 0 ? (
              <p>
                Nobody is told yet. When a code cannot be had at once, Recoup promises it; a webhook tells your WhatsApp platform the moment it is live, so
                that it can send. It can also tell when codes seem to have leaked.
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
