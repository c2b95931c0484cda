// Each campaign's links, best first.
import type { LinksReport } from '../../api/types';
import { Amount } from '../../components/Amount';
import { counted, formatCount } from '../../lib/rates';
import { words } from '../../words';
import { rich } from '../../words/rich';

interface Props {
  report: LinksReport;
  query: string;
  /** The one campaign that is looked at. */
  only?: string;
}

export const CampaignTable = ({ report: { campaigns, orders: all, attributed: whole }, query, only }: Props) => (
  <s-section heading={words.links.byCampaign} padding="none">
    <s-table>
      <s-table-header-row>
        <s-table-header listSlot="primary">{words.common.campaign}</s-table-header>
        <s-table-header format="numeric">{words.links.taps}</s-table-header>
        <s-table-header format="numeric">{words.links.visits}</s-table-header>
        <s-table-header format="numeric">{words.links.allHits}</s-table-header>
        <s-table-header format="numeric">{words.links.metaClicks}</s-table-header>
        <s-table-header format="numeric">{words.links.templateClicks}</s-table-header>
        <s-table-header format="numeric">{words.shell.orders}</s-table-header>
        <s-table-header format="numeric" listSlot="secondary">
          {words.overview.attributed}
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
            <s-table-cell>
              <s-link href={`/orders?measure=attributed&campaign=${encodeURIComponent(campaign.id)}&${query}`}>{formatCount(orders)}</s-link>
            </s-table-cell>
            <s-table-cell>
              <Amount of={attributed} />
            </s-table-cell>
          </s-table-row>
        ))}
      </s-table-body>
    </s-table>
    <p className="links-orders small">
      <s-link href={`/orders?measure=attributed${only ? `&campaign=${encodeURIComponent(only)}` : ''}&${query}`}>{counted(all, words.counts.attributedOrder)}</s-link>{rich(words.links.whole, { whole: <Amount of={whole} /> })}
    </p>
  </s-section>
);
