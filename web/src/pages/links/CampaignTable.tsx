// Each campaign's links, best first.
import type { LinksReport } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatCount } from '../../lib/rates';

type Row = LinksReport['campaigns'][number];

export const CampaignTable = ({ campaigns, query }: { campaigns: Row[]; query: string }) => (
  <s-section heading="By campaign" padding="none">
    <s-table>
      <s-table-header-row>
        <s-table-header listSlot="primary">Campaign</s-table-header>
        <s-table-header format="numeric">Taps</s-table-header>
        <s-table-header format="numeric">Visits</s-table-header>
        <s-table-header format="numeric">All hits</s-table-header>
        <s-table-header format="numeric">Meta’s clicks</s-table-header>
        <s-table-header format="numeric">Its templates’ clicks</s-table-header>
        <s-table-header format="numeric">Orders</s-table-header>
        <s-table-header format="numeric" listSlot="secondary">
          Attributed
        </s-table-header>
      </s-table-header-row>
      <s-table-body>
        {campaigns.map(({ campaign, hits, meta_clicks: meta, template_clicks: templates, orders, attributed }) => (
          <s-table-row key={campaign.id}>
            <s-table-cell>
              <s-link href={`/links?campaign=${encodeURIComponent(campaign.id)}&${query}`}>{campaign.name}</s-link>
            </s-table-cell>
            <s-table-cell>{formatCount(hits.taps)}</s-table-cell>
            <s-table-cell>{formatCount(hits.visits)}</s-table-cell>
            <s-table-cell>{formatCount(hits.raw)}</s-table-cell>
            <s-table-cell>{formatCount(meta)}</s-table-cell>
            <s-table-cell>{typeof templates === 'number' ? formatCount(templates) : '–'}</s-table-cell>
            <s-table-cell>{formatCount(orders)}</s-table-cell>
            <s-table-cell>
              <Amount of={attributed} />
            </s-table-cell>
          </s-table-row>
        ))}
      </s-table-body>
    </s-table>
  </s-section>
);
