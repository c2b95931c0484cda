// The campaign's messages, newest first: what became of each, and of its code.
import { useState } from 'react';
import type { MessageLine } from '../../api/types';
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { CodeActions } from './CodeActions';
import { useMessages } from './queries';

const became = (line: MessageLine): [string, string] => {
  if (line.read_at) return ['Read', line.read_at];
  if (line.delivered_at) return ['Delivered', line.delivered_at];
  if (line.failed_at) return ['Failed', line.failed_at];
  if (line.sent_at) return ['Sent', line.sent_at];
  return ['Not sent yet', line.issued_at];
};

const STATES = {
  live: { name: 'Good', tone: 'success' },
  pending: { name: 'On its way', tone: 'info' },
  expired: { name: 'Ended', tone: 'neutral' },
  revoked: { name: 'Taken back', tone: 'warning' },
} as const;

/** Whether sending again can help. */
const AGAIN = {
  never: 'Sending again does not help.',
  later: 'Sending again later can help.',
  after_change: 'Sending again helps only after a change.',
} as const;

const CodeState = ({ line }: { line: MessageLine }) => {
  if (line.redeemed_at) return <s-badge tone="success">Used</s-badge>;
  if (!line.code_state) return <span className="quiet">No discount</span>;
  const { name, tone } = STATES[line.code_state];
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
        {line.replaced_at && <span className="quiet small below">second code</span>}
      </s-table-cell>
      <s-table-cell>
        {what}
        {line.failed_at && line.failure_code !== null && <span className="quiet small"> (error {line.failure_code})</span>}
        {what === 'Failed' && line.failure && (
          <span className="small below">
            {line.failure.meaning} {AGAIN[line.failure.again]}
          </span>
        )}
        <span className="quiet small below">{formatMoment(at, zone)}</span>
      </s-table-cell>
      <s-table-cell>{line.expires_at ? <span className="quiet">{formatMoment(line.expires_at, zone)}</span> : '—'}</s-table-cell>
      <s-table-cell>
        <span className="mono quiet messages-id">{line.message_id}</span>
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

export const Messages = ({ id, heldOut }: { id: string; heldOut: number }) => {
  const { time_zone: zone } = useShop();
  const messages = useMessages(id);
  const rows = messages.data?.pages.flatMap((page) => page.messages) ?? [];
  return (
    <s-section heading="Messages" padding="none">
      <div className="messages-lead">
        <p className="quiet small">
          Newest first. Nobody is named here: your WhatsApp platform knows each message by its id.
          {heldOut > 0 && ' Who was left out to compare has no message.'}
        </p>
      </div>
      <Loaded of={messages} lines={5}>
        {() =>
          rows.length === 0 ? (
            <p className="messages-lead quiet">Nobody was drawn yet. Recipients come from your WhatsApp platform.</p>
          ) : (
            <>
              <s-table>
                <s-table-header-row>
                  <s-table-header listSlot="primary">Code</s-table-header>
                  <s-table-header listSlot="inline">Its state</s-table-header>
                  <s-table-header>Message</s-table-header>
                  <s-table-header>Code ends</s-table-header>
                  <s-table-header>Message id</s-table-header>
                  <s-table-header listSlot="secondary">Do</s-table-header>
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
                    Show more messages
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
