// For whoever answers a shopper: what is this code, whose, is it good, and what can be done.
import { useEffect, useState, type FormEvent } from 'react';
import { useSearchParams } from 'react-router';
import { Problem } from '../../api/problem';
import type { CodeView } from '../../api/types';
import { useShop } from '../../app/shop';
import { Failed, Skeleton } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';
import { CodeActions } from './CodeActions';
import { useCode } from './queries';

const steps = (): Record<string, string> => ({
  reserved: words.campaign.stateMade,
  promised: words.campaign.statePromised,
  pushed: words.campaign.statePushed,
  imported: words.campaign.stateLive,
  issued: words.campaign.givenOut,
  redeemed: words.campaign.used,
  expired: words.campaign.stateEnded,
  revoking: words.campaign.takenBackShort,
  revoked: words.campaign.stateDeleted,
});

const Found = ({ code, id }: { code: CodeView; id: string }) => {
  const { time_zone: zone } = useShop();
  const [news, tell] = useState<string | null>(null);
  const ended = ['redeemed', 'expired', 'revoking', 'revoked'].includes(code.state);
  return (
    <div className="found stack">
      <div className="found-top">
        <span className="mono found-code">{code.code}</span>
        <s-badge tone={code.good ? 'success' : 'neutral'}>{code.good ? words.campaign.good : words.campaign.notUsable}</s-badge>
        <CodeActions key={code.code} code={code.code} message={code.recipient?.message_id ?? null} canRevoke={!ended} done={tell} />
      </div>
      <p className="found-verdict">{told(code.verdict, zone)}</p>
      {news && (
        <s-banner tone="success" heading={words.campaign.done}>
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
          <dt>{words.common.campaign}</dt>
          <dd>{code.campaign_id === id ? code.campaign : <s-link href={`/campaigns/${code.campaign_id}`}>{code.campaign}</s-link>}</dd>
        </div>
        <div>
          <dt>{words.common.recipient}</dt>
          <dd>
            {code.recipient ? (
              <>
                {words.common.message}{' '}<span className="mono">{code.recipient.message_id}</span>
                <span className="quiet small below">{words.campaign.nameless}</span>
              </>
            ) : (
              words.campaign.nobody
            )}
          </dd>
        </div>
        <div>
          <dt>{words.shell.orders}</dt>
          <dd>
            {code.orders.length === 0
              ? words.campaign.noneUsed
              : code.orders.map((order) => (
                  <span key={order.order_id} className="below">
                    <s-link href={`/orders/${encodeURIComponent(order.order_id)}`}>{order.name || words.campaign.anOrderName}</s-link>, {formatMoment(order.at, zone)}
                    {order.cancelled_at && fill(words.campaign.cancelledAt, { cancelled_at: formatMoment(order.cancelled_at, zone) })}
                  </span>
                ))}
          </dd>
        </div>
        {code.replacement && (
          <div>
            <dt>{words.campaign.replacement}</dt>
            <dd>
              <span className="mono">{code.replacement.first}</span>{' '}{rich(words.campaign.madeWay, { second: <span className="mono">{code.replacement.second}</span>, at: formatMoment(code.replacement.at, zone) })}
            </dd>
          </div>
        )}
      </dl>
      <ol className="found-life small" aria-label={words.campaign.itsStory}>
        {code.life.map((step) => (
          <li key={step.state}>
            <b>{steps()[step.state] ?? step.state}</b>
            <span className="quiet">{formatMoment(step.at, zone)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
};

export const FindCode = ({ id }: { id: string }) => {
  // Who comes from the search has said already which code.
  const given = useSearchParams()[0].get('code');
  const [typed, type] = useState(given ?? '');
  const [wanted, want] = useState<string | null>(given);
  useEffect(() => {
    if (given === null) return;
    type(given);
    want(given);
  }, [given]);
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
    <s-section heading={words.campaign.find}>
      <div className="stack">
        <p className="quiet small">{words.campaign.findText}</p>
        <form className="find" onSubmit={find} onKeyDown={(event) => event.key === 'Enter' && event.target === event.currentTarget.querySelector('s-text-field') && find()} role="search">
          <s-text-field
            label={words.common.code}
            name="code"
            value={typed}
            autocomplete="off"
            onInput={(event) => type(event.currentTarget.value ?? '')}
          />
          <s-button onClick={() => find()}>{words.campaign.findAction}</s-button>
        </form>
        {code.isFetching && !code.data && <Skeleton lines={3} label={words.campaign.finding} />}
        {isMissing && (
          <p role="status">
            {rich(words.campaign.notFound, { wanted: <span className="mono">{wanted}</span> })}
          </p>
        )}
        {code.error && !isMissing && <Failed error={code.error} retry={code.refetch} />}
        {code.data && !code.error && <Found code={code.data} id={id} />}
      </div>
    </s-section>
  );
};
