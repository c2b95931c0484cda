// What one policy would change: by line, by message, and the largest moves order by order. Looking writes nothing.
import { fromThrown } from '../../api/problem';
import type { Policies, PolicyPreview } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Empty } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { evidenceName, lineName } from '../../lib/words';
import { words } from '../../words';
import { useActivate } from './queries';

type Move = PolicyPreview['largest'][number];

const Stand = ({ stand }: { stand: Move['from'] }) => (
  <span>
    {lineName(stand.line)}
    {stand.kind && <span className="quiet small below">{evidenceName(stand.kind)}</span>}
  </span>
);

const Lines = ({ preview: { now, then } }: { preview: PolicyPreview }) => {
  const lines = [...new Set([...now.lines, ...then.lines].map(({ line }) => line))];
  const of = (side: PolicyPreview['now'], line: string) => side.lines.find((one) => one.line === line);
  return (
    <s-table>
      <s-table-header-row>
        <s-table-header listSlot="primary">Line of the ledger</s-table-header>
        <s-table-header format="currency">Now</s-table-header>
        <s-table-header format="currency">Then</s-table-header>
      </s-table-header-row>
      <s-table-body>
        {lines.map((line) => (
          <s-table-row key={line}>
            <s-table-cell>{lineName(line)}</s-table-cell>
            {[of(now, line), of(then, line)].map((sum, index) => (
              <s-table-cell key={index}>
                {sum ? (
                  <span>
                    <Amount of={sum.amount} />
                    <span className="quiet small below">{counted(sum.orders, 'order')}</span>
                  </span>
                ) : (
                  '—'
                )}
              </s-table-cell>
            ))}
          </s-table-row>
        ))}
      </s-table-body>
    </s-table>
  );
};

const Moves = ({ moves, zone }: { moves: Move[]; zone: string }) => (
  <s-table>
    <s-table-header-row>
      <s-table-header listSlot="primary">Order</s-table-header>
      <s-table-header>Now</s-table-header>
      <s-table-header>Then</s-table-header>
      <s-table-header format="currency" listSlot="inline">
        Worth
      </s-table-header>
    </s-table-header-row>
    <s-table-body>
      {moves.map((move) => (
        <s-table-row key={move.shopify_order_id}>
          <s-table-cell>
            <s-link href={`/orders/${move.shopify_order_id}`}>{move.name}</s-link>
            <span className="quiet small below">{formatMoment(move.ordered_at, zone)}</span>
          </s-table-cell>
          <s-table-cell>
            <Stand stand={move.from} />
          </s-table-cell>
          <s-table-cell>
            <Stand stand={move.to} />
          </s-table-cell>
          <s-table-cell>
            <Amount of={move.to.amount} />
          </s-table-cell>
        </s-table-row>
      ))}
    </s-table-body>
  </s-table>
);

export const Preview = ({ preview, kept: { policies, presets } }: { preview: PolicyPreview; kept: Policies }) => {
  const { time_zone: zone } = useShop();
  const activate = useActivate();
  const preset = presets.find((one) => one.name === preview.then.policy);
  const isDraft = policies.some(({ name, version, activated_at: since }) => name === preview.then.policy && version === preview.then.version && !since);
  const moved = preview.moved.reduce((sum, { orders }) => sum + orders, 0);
  return (
    <>
      <s-section heading={`What “${preview.then.policy}” would change`} padding="base">
        {preset && (
          <p>
            {preset.says} <span className="quiet">{preset.reading}</span>{' '}
            {preset.sources.map((source, index) => (
              <span key={source}>
                {index > 0 && ', '}
                <s-link href={source} target="_blank">
                  Source
                </s-link>
              </span>
            ))}
            {preset.sources.length > 0 && <span className="quiet small"> read on {preset.read_on}</span>}
          </p>
        )}
        <p>
          {moved === 0 ? 'No order would move.' : `${counted(moved, 'order')} of ${preview.looked_at.orders} would move.`}{' '}
          {!preview.looked_at.whole && <span className="quiet">Only the latest orders of these days were looked at.</span>} Nothing was written.
        </p>
        {activate.error && <s-banner tone="critical">{fromThrown(activate.error).detail}</s-banner>}
        {preset && !preset.active && (
          <s-button loading={activate.isPending} onClick={() => activate.mutate(preset.name)}>
            Keep these verdicts beside yours
          </s-button>
        )}
        {isDraft && (
          <s-button loading={activate.isPending} onClick={() => activate.mutate(preview.then.policy)}>
            {words.policyForm.activate}
          </s-button>
        )}
      </s-section>
      <s-section heading="By line" padding="none">
        <Lines preview={preview} />
      </s-section>
      <s-section heading="The largest moves" padding={preview.largest.length > 0 ? 'none' : 'base'}>
        {preview.largest.length > 0 ? (
          <Moves moves={preview.largest} zone={zone} />
        ) : (
          <Empty title="Nothing moves">Every order of these days stands on the same line and goes back to the same message.</Empty>
        )}
      </s-section>
    </>
  );
};
