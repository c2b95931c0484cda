// API keys: with one of them a WhatsApp platform makes campaigns, draws recipients and reports what became of messages. Made and
// named here, shown once, revoked at will.
import { useRef, useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { Key, KeyScope } from '../../api/types';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Copy } from '../../components/Copy';
import { Loaded } from '../../components/page-states';
import { LeaveGuard } from '../../components/Unsaved';
import { formatInstant } from '../../lib/dates';
import { useKeys, useMakeKey, useRevokeKey } from './queries';

const SCOPES: Record<KeyScope, { name: string; what: string }> = {
  campaigns: { name: 'Campaigns', what: 'make campaigns, draw recipients, hand out and take back codes' },
  statuses: { name: 'Statuses', what: 'report what became of messages' },
  reports: { name: 'Reports', what: 'read numbers, orders and their receipts' },
};
const ALL = Object.keys(SCOPES) as KeyScope[];

/** The key itself, this once. */
const Fresh = ({ name, secret, done }: { name: string; secret: string; done: () => void }) => {
  const [taken, setTaken] = useState(false);
  return (
    <s-banner tone="info" heading={`The key for ${name}: copy it now`}>
      <p>It is shown only this once. Whoever has it acts for your shop, so give it to nobody but your platform.</p>
      <div className="shop-fresh">
        <span className="shop-secret mono" data-key>
          {secret}
        </span>
        <Copy text={secret} label={`Copy the key for ${name}`} copied={() => setTaken(true)} />
      </div>
      <div className="shop-buttons">
        <s-button variant="tertiary" onClick={done}>
          I have kept it
        </s-button>
      </div>
      <LeaveGuard
        when={!taken}
        heading="Leave without the key?"
        text="You have not copied it, and it is never shown again. You could still revoke it and make another."
        action="Leave without it"
      />
    </s-banner>
  );
};

const Make = ({ made }: { made: (name: string, secret: string) => void }) => {
  const make = useMakeKey();
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<KeyScope[]>(['campaigns', 'statuses']);
  const [missing, setMissing] = useState(false);
  const refused = make.error ? fromThrown(make.error) : undefined;
  const toggle = (scope: KeyScope): void => setScopes(ALL.filter((one) => (one === scope) !== scopes.includes(one)));
  const wrong = missing ? 'Give the key a name, such as your platform’s.' : refused?.field === 'name' ? refused.detail : undefined;
  const submit = (): void => {
    const isMissing = name.trim() === '';
    setMissing(isMissing);
    if (isMissing) {
      form.current?.querySelector('input')?.focus();
      return;
    }
    make.mutate(
      { name: name.trim(), scopes },
      {
        onSuccess: ({ key, name: called }) => {
          setName('');
          if (key) made(called, key);
        },
      },
    );
  };
  return (
    <form
      className="shop-add"
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label>
        <span className="quiet small">What the key is for</span>
        <input
          type="text"
          name="key_name"
          value={name}
          maxLength={80}
          autoComplete="off"
          placeholder="The name of your WhatsApp platform"
          aria-invalid={wrong !== undefined}
          aria-describedby={wrong ? 'key-wrong' : undefined}
          onChange={(event) => {
            setName(event.target.value);
            setMissing(false);
          }}
        />
        {wrong && (
          <span id="key-wrong" role="alert" className="shop-wrong">
            {wrong}
          </span>
        )}
      </label>
      <fieldset className="shop-scopes">
        <legend className="quiet small">What it may do</legend>
        {ALL.map((scope) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} /> {SCOPES[scope].name}{' '}
            <span className="quiet small">{SCOPES[scope].what}</span>
          </label>
        ))}
      </fieldset>
      <LeaveGuard when={name.trim() !== ''} />
      {refused && refused.field !== 'name' && <s-banner tone="critical">{refused.detail}</s-banner>}
      <div>
        <s-button variant="primary" loading={make.isPending} disabled={scopes.length === 0} onClick={submit}>
          Make a key
        </s-button>
      </div>
    </form>
  );
};

const Row = ({ row }: { row: Key }) => {
  const { time_zone: zone } = useShop();
  const [asks, ask] = useState(false);
  const revoke = useRevokeKey();
  const may = row.scopes.map((scope) => SCOPES[scope]?.name.toLowerCase() ?? scope).join(', ');
  return (
    <li className="shop-request" data-key-row={row.name}>
      <div>
        <p>
          <b>{row.name}</b> {row.prefix && <span className="mono quiet">{row.prefix}…</span>}
        </p>
        <p className="quiet small">
          May: {may}. Made {formatInstant(row.created_at, zone)}
          {row.revoked_at && `, revoked ${formatInstant(row.revoked_at, zone)}`}.
          {!row.revoked_at && (row.last_used_at ? ` Last used ${formatInstant(row.last_used_at, zone)}.` : ' Not used yet.')}
        </p>
      </div>
      <div className="shop-request-do">
        {row.revoked_at ? (
          <s-badge>Revoked</s-badge>
        ) : (
          <s-button tone="critical" accessibilityLabel={`Revoke the key ${row.name}`} onClick={() => ask(true)}>
            Revoke
          </s-button>
        )}
      </div>
      {asks && (
        <Confirm
          heading={`Revoke the key ${row.name}?`}
          action="Revoke key"
          critical
          isPending={revoke.isPending}
          error={revoke.error}
          onClose={() => ask(false)}
          onConfirm={() => revoke.mutate(row.id, { onSuccess: () => ask(false) })}
        >
          <p>Whoever uses it is turned away within seconds: no recipients are drawn and no statuses arrive until your platform has another key.</p>
          <p>Messages, links and codes that are out stay as they are. This cannot be undone.</p>
        </Confirm>
      )}
    </li>
  );
};

export const Keys = () => {
  const keys = useKeys();
  const [fresh, setFresh] = useState<{ name: string; secret: string }>();
  return (
    <s-section heading="API keys">
      <Loaded of={keys} lines={2}>
        {({ keys: rows }) => {
          const live = rows.filter((row) => !row.revoked_at);
          const past = rows.filter((row) => row.revoked_at);
          return (
            <>
              <p className="quiet">
                Your WhatsApp platform needs a key of its own and the id of each campaign, which stands on the <s-link href="/campaigns">campaign’s page</s-link>{' '}
                beside a button to copy it.
              </p>
              {live.length === 0 ? (
                <p>No key is in use: no platform can draw recipients or report statuses yet.</p>
              ) : (
                <ul className="shop-requests">
                  {live.map((row) => (
                    <Row key={row.id} row={row} />
                  ))}
                </ul>
              )}
              {fresh && <Fresh key={fresh.secret} {...fresh} done={() => setFresh(undefined)} />}
              <Make made={(name, secret) => setFresh({ name, secret })} />
              {past.length > 0 && (
                <details>
                  <summary>Revoked keys</summary>
                  <ul className="shop-requests">
                    {past.map((row) => (
                      <Row key={row.id} row={row} />
                    ))}
                  </ul>
                </details>
              )}
            </>
          );
        }}
      </Loaded>
    </s-section>
  );
};
