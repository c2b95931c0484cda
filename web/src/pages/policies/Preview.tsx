// What one policy would change: by line, by message, and the largest moves order by order. Looking writes nothing.
import { fromThrown } from '../../api/problem';
import type { Policies, PolicyPreview } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Empty } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { evidenceName, lineName } from '../../lib/words';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';
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
        <s-table-header listSlot="primary">{words.policies.line}</s-table-header>
        <s-table-header format="currency">{words.common.now}</s-table-header>
        <s-table-header format="currency">{words.policies.then}</s-table-header>
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
                    <span className="quiet small below">{counted(sum.orders, words.counts.order)}</span>
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
      <s-table-header listSlot="primary">{words.common.order}</s-table-header>
      <s-table-header>{words.common.now}</s-table-header>
      <s-table-header>{words.policies.then}</s-table-header>
      <s-table-header format="currency" listSlot="inline">
        {words.policies.worth}
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
      <s-section heading={fill(words.policies.wouldChange, { policy: preview.then.policy })} padding="base">
        {preset && (
          <p>
            {said(preset.says)} <span className="quiet">{said(preset.reading)}</span>{' '}
            {preset.sources.map((source, index) => (
              <span key={source}>
                {index > 0 && ', '}
                <s-link href={source} target="_blank">
                  {words.policies.source}
                </s-link>
              </span>
            ))}
            {preset.sources.length > 0 && <span className="quiet small">{fill(words.policies.readOn, { read_on: preset.read_on })}</span>}
          </p>
        )}
        <p>
          {rich(words.policies.summary, { moves: moved === 0 ? words.policies.noMoves : fill(words.policies.moves, { orders: counted(moved, words.counts.order), all: preview.looked_at.orders }), limit: !preview.looked_at.whole && <span className="quiet">{words.policies.latestOnly}</span> })}
        </p>
        {activate.error && <s-banner tone="critical">{fromThrown(activate.error).detail}</s-banner>}
        {preset && !preset.active && (
          <s-button loading={activate.isPending} onClick={() => activate.mutate(preset.name)}>
            {words.policies.keep}
          </s-button>
        )}
        {isDraft && (
          <s-button loading={activate.isPending} onClick={() => activate.mutate(preview.then.policy)}>
            {words.policyForm.activate}
          </s-button>
        )}
      </s-section>
      <s-section heading={words.policies.byLine} padding="none">
        <Lines preview={preview} />
      </s-section>
      <s-section heading={words.policies.largest} padding={preview.largest.length > 0 ? 'none' : 'base'}>
        {preview.largest.length > 0 ? (
          <Moves moves={preview.largest} zone={zone} />
        ) : (
          <Empty title={words.policies.nothingMoves}>{words.policies.nothingMovesText}</Empty>
        )}
      </s-section>
    </>
  );
};
