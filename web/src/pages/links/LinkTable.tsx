// Each link that was opened, the latest first. A link is one message's; its page tells the message's life.
import type { LinksReport } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatMoment } from '../../lib/dates';
import { formatCount } from '../../lib/rates';
import { reasonName } from '../../lib/words';

type Row = LinksReport['links'][number];

const machines = ({ hits }: Row): string =>
  hits.machines.map((line) => `${formatCount(line.hits)} ${reasonName(line.reason).toLowerCase()}`).join(', ') || '–';

interface Props {
  links: Row[];
  hasMore: boolean;
  isFetching: boolean;
  more: () => void;
}

export const LinkTable = ({ links, hasMore, isFetching, more }: Props) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading="Link by link" padding="none">
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">Last opened</s-table-header>
          <s-table-header listSlot="secondary">Campaign</s-table-header>
          <s-table-header format="numeric">Taps</s-table-header>
          <s-table-header format="numeric">Visits</s-table-header>
          <s-table-header>Machines</s-table-header>
          <s-table-header>First opened</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {links.map((row, index) => (
            <s-table-row key={row.message_id ?? index}>
              <s-table-cell>
                {row.message_id ? (
                  <s-link href={`/messages/${row.message_id}`}>{row.hits.last_at ? formatMoment(row.hits.last_at, zone) : 'See the message'}</s-link>
                ) : (
                  row.hits.last_at && formatMoment(row.hits.last_at, zone)
                )}
              </s-table-cell>
              <s-table-cell>{row.campaign.name}</s-table-cell>
              <s-table-cell>{formatCount(row.hits.taps)}</s-table-cell>
              <s-table-cell>{formatCount(row.hits.visits)}</s-table-cell>
              <s-table-cell>{machines(row)}</s-table-cell>
              <s-table-cell>{row.hits.first_at ? formatMoment(row.hits.first_at, zone) : '–'}</s-table-cell>
            </s-table-row>
          ))}
        </s-table-body>
      </s-table>
      {hasMore && (
        <div className="links-more">
          <s-button loading={isFetching} onClick={more}>
            Show more links
          </s-button>
        </div>
      )}
    </s-section>
  );
};
