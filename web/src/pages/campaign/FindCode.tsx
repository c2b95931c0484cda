// For whoever answers a shopper: what is this code, whose, is it good, and what can be done.
import { useState, type FormEvent } from 'react';
import { Problem } from '../../api/problem';
import type { CodeView } from '../../api/types';
import { useShop } from '../../app/shop';
import { Failed, Skeleton } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { CodeActions } from './CodeActions';
import { useCode } from './queries';

const STEPS: Record<string, string> = {
  reserved: 'Made',
  promised: 'Promised to its recipient',
  pushed: 'Sent to Shopify',
  imported: 'Live at Shopify',
  issued: 'Given out',
  redeemed: 'Used',
  expired: 'Ended',
  revoking: 'Taken back',
  revoked: 'Deleted at Shopify',
};

const Found = ({ code, id }: { code: CodeView; id: string }) => {
  const { time_zone: zone } = useShop();
  const [news, tell] = useState<string | null>(null);
  const ended = ['redeemed', 'expired', 'revoking', 'revoked'].includes(code.state);
  return (
    <div className="found stack">
      <div className="found-top">
        <span className="mono found-code">{code.code}</span>
        <s-badge tone={code.good ? 'success' : 'neutral'}>{code.good ? 'Good' : 'Not usable now'}</s-badge>
        <CodeActions key={code.code} code={code.code} message={code.recipient?.message_id ?? null} canRevoke={!ended} done={tell} />
      </div>
      <p className="found-verdict">{told(code.verdict, zone)}</p>
      {news && (
        <s-banner tone="success" heading="Done">
          {news}
        </s-banner>
      )}
      {code.warnings.map((warning) => (
        <s-banner key={warning.code} tone="warning">
          {told(warning.words, zone)}
        </s-banner>
      ))}
      <dl className="facts">
        <div>
          <dt>Campaign</dt>
          <dd>{code.campaign_id === id ? code.campaign : <s-link href={`/campaigns/${code.campaign_id}`}>{code.campaign}</s-link>}</dd>
        </div>
        <div>
          <dt>Recipient</dt>
          <dd>
            {code.recipient ? (
              <>
                Message <span className="mono">{code.recipient.message_id}</span>
                <span className="quiet small below">Your WhatsApp platform knows who that is; Recoup shows no names.</span>
              </>
            ) : (
              'Nobody was given it'
            )}
          </dd>
        </div>
        <div>
          <dt>Orders</dt>
          <dd>
            {code.orders.length === 0
              ? 'None used it'
              : code.orders.map((order) => (
                  <span key={order.order_id} className="below">
                    <s-link href={`/orders/${encodeURIComponent(order.order_id)}`}>{order.name || 'An order'}</s-link>, {formatMoment(order.at, zone)}
                    {order.cancelled_at && `, cancelled ${formatMoment(order.cancelled_at, zone)}`}
                  </span>
                ))}
          </dd>
        </div>
        {code.replacement && (
          <div>
            <dt>Replacement</dt>
            <dd>
              <span className="mono">{code.replacement.first}</span> made way for <span className="mono">{code.replacement.second}</span>,{' '}
              {formatMoment(code.replacement.at, zone)}
            </dd>
          </div>
        )}
      </dl>
      <ol className="found-life small" aria-label="What happened to it">
        {code.life.map((step) => (
          <li key={step.state}>
            <b>{STEPS[step.state] ?? step.state}</b>
            <span className="quiet">{formatMoment(step.at, zone)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
};

export const FindCode = ({ id }: { id: string }) => {
  const [typed, type] = useState('');
  const [wanted, want] = useState<string | null>(null);
  const code = useCode(wanted);
  const isMissing = code.error instanceof Problem && code.error.status === 404;
  const find = (event?: FormEvent): void => {
    event?.preventDefault();
    const text = typed.trim();
    if (text === '') return;
    if (text === wanted) void code.refetch();
    want(text);
  };
  return (
    <s-section heading="Find a code">
      <div className="stack">
        <p className="quiet small">A shopper says a code does not work? Type it as they read it to you; capitals do not matter.</p>
        <form className="find" onSubmit={find} onKeyDown={(event) => event.key === 'Enter' && event.target === event.currentTarget.querySelector('s-text-field') && find()} role="search">
          <s-text-field
            label="Code"
            name="code"
            value={typed}
            autocomplete="off"
            onInput={(event) => type(event.currentTarget.value ?? '')}
          />
          <s-button onClick={() => find()}>Find</s-button>
        </form>
        {code.isFetching && !code.data && <Skeleton lines={3} label="Looking for the code" />}
        {isMissing && (
          <p role="status">
            This shop has no code <span className="mono">{wanted}</span> of Recoup’s. Check it letter by letter: codes have no I, L, O, U, 0 or 1. A code you
            made yourself stands in your Shopify admin.
          </p>
        )}
        {code.error && !isMissing && <Failed error={code.error} retry={code.refetch} />}
        {code.data && !code.error && <Found code={code.data} id={id} />}
      </div>
    </s-section>
  );
};
