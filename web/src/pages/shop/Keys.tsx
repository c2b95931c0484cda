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
import { inSentence } from '../../lib/locale';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';
import { useKeys, useMakeKey, useRevokeKey } from './queries';

const scopeWords = (): Record<KeyScope, { name: string; what: string }> => ({
  campaigns: { name: words.shop.scopeCampaigns, what: words.shop.scopeCampaignsWhat },
  statuses: { name: words.shop.scopeStatuses, what: words.shop.scopeStatusesWhat },
  reports: { name: words.shop.scopeReports, what: words.shop.scopeReportsWhat },
});
const ALL = Object.keys(scopeWords()) as KeyScope[];

/** The key itself, this once. */
const Fresh = ({ name, secret, done }: { name: string; secret: string; done: () => void }) => {
  const [taken, setTaken] = useState(false);
  return (
    <s-banner tone="info" heading={fill(words.shop.keyFor, { name })}>
      <p>{words.shop.keyOnce}</p>
      <div className="shop-fresh">
        <span className="shop-secret mono" data-key>
          {secret}
        </span>
        <Copy text={secret} label={fill(words.shop.copyKey, { name })} copied={() => setTaken(true)} />
      </div>
      <div className="shop-buttons">
        <s-button variant="tertiary" onClick={done}>
          {words.shop.keptIt}
        </s-button>
      </div>
      <LeaveGuard
        when={!taken}
        heading={words.shop.leaveKey}
        text={words.shop.leaveKeyText}
        action={words.shop.leaveWithout}
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
  const wrong = missing ? words.shop.nameKey : refused?.field === 'name' ? refused.detail : undefined;
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
        <span className="quiet small">{words.shop.keyPurpose}</span>
        <input
          type="text"
          name="key_name"
          value={name}
          maxLength={80}
          autoComplete="off"
          placeholder={words.shop.platformName}
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
        <legend className="quiet small">{words.shop.mayDo}</legend>
        {ALL.map((scope) => (
          <label key={scope}>
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} /> {scopeWords()[scope].name}{' '}
            <span className="quiet small">{scopeWords()[scope].what}</span>
          </label>
        ))}
      </fieldset>
      <LeaveGuard when={name.trim() !== ''} />
      {refused && refused.field !== 'name' && <s-banner tone="critical">{refused.detail}</s-banner>}
      <div>
        <s-button variant="primary" loading={make.isPending} disabled={scopes.length === 0} onClick={submit}>
          {words.shop.makeKey}
        </s-button>
      </div>
    </form>
  );
};

const Row = ({ row }: { row: Key }) => {
  const { time_zone: zone } = useShop();
  const [asks, ask] = useState(false);
  const revoke = useRevokeKey();
  const may = row.scopes.map((scope) => inSentence(scopeWords()[scope]?.name ?? scope)).join(', ');
  return (
    <li className="shop-request" data-key-row={row.name}>
      <div>
        <p>
          <b>{row.name}</b> {row.prefix && <span className="mono quiet">{row.prefix}…</span>}
        </p>
        <p className="quiet small">
          {rich(words.shop.keyLine, { may, created_at: formatInstant(row.created_at, zone), revoked_at: row.revoked_at && fill(words.shop.revokedAt, { revoked_at: formatInstant(row.revoked_at, zone) }), used: !row.revoked_at && (row.last_used_at ? fill(words.shop.lastUsed, { last_used_at: formatInstant(row.last_used_at, zone) }) : words.shop.notUsed) })}
        </p>
      </div>
      <div className="shop-request-do">
        {row.revoked_at ? (
          <s-badge>{words.shop.revoked}</s-badge>
        ) : (
          <s-button tone="critical" accessibilityLabel={fill(words.shop.revokeKeyNamed, { name: row.name })} onClick={() => ask(true)}>
            {words.campaign.revoke}
          </s-button>
        )}
      </div>
      {asks && (
        <Confirm
          heading={fill(words.shop.revokeKeyQuestion, { name: row.name })}
          action={words.shop.revokeKey}
          critical
          isPending={revoke.isPending}
          error={revoke.error}
          onClose={() => ask(false)}
          onConfirm={() => revoke.mutate(row.id, { onSuccess: () => ask(false) })}
        >
          <p>{words.shop.revokeText}</p>
          <p>{words.shop.revokeThen}</p>
        </Confirm>
      )}
    </li>
  );
};

export const Keys = () => {
  const keys = useKeys();
  const [fresh, setFresh] = useState<{ name: string; secret: string }>();
  return (
    <s-section heading={words.shop.keys}>
      <Loaded of={keys} lines={2}>
        {({ keys: rows }) => {
          const live = rows.filter((row) => !row.revoked_at);
          const past = rows.filter((row) => row.revoked_at);
          return (
            <>
              <p className="quiet">
                {rich(words.shop.keysLead, { link: <s-link href="/campaigns">{words.shop.campaignPage}</s-link> })}
              </p>
              {live.length === 0 ? (
                <p>{words.shop.noKey}</p>
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
                  <summary>{words.shop.revokedKeys}</summary>
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
