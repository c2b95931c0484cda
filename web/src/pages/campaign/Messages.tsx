// The campaign's messages, newest first: what became of each, and of its code.
import { useState } from 'react';
import type { MessageLine } from '../../api/types';
import { useShop } from '../../app/shop';
import { Download } from '../../components/download/Download';
import { Loaded } from '../../components/page-states';
import { addDays, formatMoment, todayIn } from '../../lib/dates';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';
import { CodeActions } from './CodeActions';
import { useMessages } from './queries';

const became = (line: MessageLine): [string, string] => {
  if (line.read_at) return [words.overview.read, line.read_at];
  if (line.delivered_at) return [words.overview.delivered, line.delivered_at];
  if (line.failed_at) return [words.campaign.failed, line.failed_at];
  if (line.sent_at) return [words.overview.sent, line.sent_at];
  return [words.campaign.notSent, line.issued_at];
};

const states = () => ({
  live: { name: words.campaign.good, tone: 'success' },
  pending: { name: words.campaign.onItsWay, tone: 'info' },
  expired: { name: words.campaign.stateEnded, tone: 'neutral' },
  revoked: { name: words.campaign.takenBackShort, tone: 'warning' },
} as const);

/** Whether sending again can help. */
const again = () => ({
  never: words.campaign.noHelp,
  later: words.campaign.laterHelps,
  after_change: words.campaign.changeHelps,
} as const);

const CodeState = ({ line }: { line: MessageLine }) => {
  if (line.redeemed_at) return <s-badge tone="success">{words.campaign.used}</s-badge>;
  if (!line.code_state) return <span className="quiet">{words.campaign.noDiscount}</span>;
  const { name, tone } = states()[line.code_state];
  return <s-badge tone={tone}>{name}</s-badge>;
};

const Row = ({ line, zone }: { line: MessageLine; zone: string }) => {
  const [news, tell] = useState<string | null>(null);
  const [what, at] = became(line);
  const isGood = (line.code_state === 'live' || line.code_state === 'pending') && !line.redeemed_at;
  return (
    <s-table-row>
      <s-table-cell>
        <span className="mono">{line.code ?? '—'}</span>
      </s-table-cell>
      <s-table-cell>
        <CodeState line={line} />
        {line.replaced_at && <span className="quiet small below">{words.campaign.secondCode}</span>}
      </s-table-cell>
      <s-table-cell>
        {what}
        {line.failed_at && line.failure_code !== null && <span className="quiet small">{fill(words.campaign.error, { failure_code: line.failure_code ?? '' })}</span>}
        {what === words.campaign.failed && line.failure && (
          <span className="small below">
            {said(line.failure.meaning)} {again()[line.failure.again]}
          </span>
        )}
        <span className="quiet small below">{formatMoment(at, zone)}</span>
      </s-table-cell>
      <s-table-cell>{line.expires_at ? <span className="quiet">{formatMoment(line.expires_at, zone)}</span> : '—'}</s-table-cell>
      <s-table-cell>
        <s-link href={`/messages/${line.message_id}`}>{fill(words.codes.given, { at: formatMoment(line.issued_at, zone) })}</s-link>
      </s-table-cell>
      <s-table-cell>
        {line.code_state && !line.redeemed_at ? <CodeActions code={line.code ?? null} message={line.message_id} canRevoke={isGood} done={tell} /> : '—'}
        {news && (
          <span className="small below" role="status">
            {news}
          </span>
        )}
      </s-table-cell>
    </s-table-row>
  );
};

/** A file covers three years at most. */
const MOST_DAYS = 3 * 365;

/** All days of the campaign, or as many of the latest as a file may cover. */
const daysOf = (since: string, zone: string): { from: string; to: string } => {
  const to = todayIn(zone);
  const [first, earliest] = [todayIn(zone, new Date(since)), addDays(to, 1 - MOST_DAYS)];
  return { from: first > earliest ? first : earliest, to };
};

export const Messages = ({ id, since, heldOut }: { id: string; since: string; heldOut: number }) => {
  const { time_zone: zone } = useShop();
  const messages = useMessages(id);
  const rows = messages.data?.pages.flatMap((page) => page.messages) ?? [];
  return (
    <s-section heading={words.overview.messages} padding="none">
      <div className="messages-lead">
        <p className="quiet small">
          {rich(words.campaign.newestFirst, { heldOut: heldOut > 0 && words.campaign.noMessage })}
        </p>
        {rows.length > 0 && <Download tables={['messages']} {...daysOf(since, zone)} campaign={id} />}
      </div>
      <Loaded of={messages} lines={5}>
        {() =>
          rows.length === 0 ? (
            <p className="messages-lead quiet">{words.campaign.nobodyDrawn}</p>
          ) : (
            <>
              <s-table>
                <s-table-header-row>
                  <s-table-header listSlot="primary">{words.common.code}</s-table-header>
                  <s-table-header listSlot="inline">{words.campaign.itsState}</s-table-header>
                  <s-table-header>{words.common.message}</s-table-header>
                  <s-table-header>{words.campaign.codeEnds}</s-table-header>
                  <s-table-header>{words.campaign.messageId}</s-table-header>
                  <s-table-header listSlot="secondary">{words.campaign.do}</s-table-header>
                </s-table-header-row>
                <s-table-body>
                  {rows.map((line) => (
                    <Row key={line.message_id} line={line} zone={zone} />
                  ))}
                </s-table-body>
              </s-table>
              {messages.hasNextPage && (
                <div className="messages-lead">
                  <s-button loading={messages.isFetchingNextPage} onClick={() => void messages.fetchNextPage()}>
                    {words.campaign.moreMessages}
                  </s-button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </s-section>
  );
};
