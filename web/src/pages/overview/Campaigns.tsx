// The campaigns of these days, the ones that brought most first.
import type { Summary } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Empty } from '../../components/page-states';
import { formatCount, formatPercent } from '../../lib/rates';
import { kindName } from '../../lib/words';
import { fill, words } from '../../words';

type Row = Summary['campaigns'][number];

const rate = (count: number, of: number): string => (of > 0 ? ` · ${formatPercent(count / of)}` : '');

const CampaignRow = ({ row, query }: { row: Row; query: string }) => (
  <s-table-row>
    <s-table-cell>
      <s-link href={`/campaigns/${encodeURIComponent(row.id)}`}>{row.name}</s-link>
      <div className="quiet small">
        {kindName(row.kind)}
        {row.held_out > 0 && fill(words.overview.heldOut, { held_out: formatCount(row.held_out) })}
      </div>
    </s-table-cell>
    <s-table-cell>{formatCount(row.messages)}</s-table-cell>
    <s-table-cell>
      {formatCount(row.delivered)}
      <span className="quiet">{rate(row.delivered, row.messages)}</span>
    </s-table-cell>
    <s-table-cell>
      {formatCount(row.clicked)}
      <span className="quiet">{rate(row.clicked, row.delivered)}</span>
    </s-table-cell>
    <s-table-cell>
      <s-link href={`/orders?measure=attributed&campaign=${encodeURIComponent(row.id)}&${query}`}>{formatCount(row.orders)}</s-link>
    </s-table-cell>
    <s-table-cell>
      <strong>
        <Amount of={row.attributed} />
      </strong>
    </s-table-cell>
  </s-table-row>
);

export const Campaigns = ({ campaigns, query }: { campaigns: Row[]; query: string }) => {
  const rows = [...campaigns].sort((a, b) => b.attributed.minor - a.attributed.minor);
  return (
    <s-section heading={words.shell.campaigns} padding={rows.length > 0 ? 'none' : 'base'}>
      {rows.length === 0 ? (
        <Empty title={words.overview.noCampaign}>
          {words.overview.noCampaignText}{' '}<s-link href="/campaigns">{words.overview.seeCampaigns}</s-link>
        </Empty>
      ) : (
        <s-table>
          <s-table-header-row>
            <s-table-header listSlot="primary">{words.common.campaign}</s-table-header>
            <s-table-header format="numeric">{words.overview.messages}</s-table-header>
            <s-table-header format="numeric">{words.overview.delivered}</s-table-header>
            <s-table-header format="numeric">{words.overview.tapped}</s-table-header>
            <s-table-header format="numeric">{words.shell.orders}</s-table-header>
            <s-table-header format="currency" listSlot="inline">{words.overview.attributed}</s-table-header>
          </s-table-header-row>
          <s-table-body>
            {rows.map((row) => (
              <CampaignRow key={row.id} row={row} query={query} />
            ))}
          </s-table-body>
        </s-table>
      )}
    </s-section>
  );
};
