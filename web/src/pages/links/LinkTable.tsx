// Each link that was opened, the latest first. A link is one message's; its page tells the message's life.
import type { LinksReport } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatMoment } from '../../lib/dates';
import { inSentence } from '../../lib/locale';
import { formatCount } from '../../lib/rates';
import { reasonName } from '../../lib/words';
import { words } from '../../words';

type Row = LinksReport['links'][number];

const machines = ({ hits }: Row): string =>
  hits.machines.map((line) => `${formatCount(line.hits)} ${inSentence(reasonName(line.reason))}`).join(', ') || '–';

interface Props {
  links: Row[];
  hasMore: boolean;
  isFetching: boolean;
  more: () => void;
}

export const LinkTable = ({ links, hasMore, isFetching, more }: Props) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.links.byLink} padding="none">
      <s-table>
        <s-table-header-row>
          <s-table-header listSlot="primary">{words.links.linkOf}</s-table-header>
          <s-table-header listSlot="inline">{words.links.lastOpened}</s-table-header>
          <s-table-header format="numeric">{words.links.taps}</s-table-header>
          <s-table-header format="numeric">{words.links.visits}</s-table-header>
          <s-table-header>{words.links.machines}</s-table-header>
          <s-table-header>{words.links.firstOpened}</s-table-header>
        </s-table-header-row>
        <s-table-body>
          {links.map((row, index) => (
            <s-table-row key={row.message_id ?? index}>
              <s-table-cell>
                {row.message_id ? <s-link href={`/messages/${row.message_id}`}>{row.campaign.name}</s-link> : row.campaign.name}
              </s-table-cell>
              <s-table-cell>{row.hits.last_at ? formatMoment(row.hits.last_at, zone) : '–'}</s-table-cell>
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
            {words.links.more}
          </s-button>
        </div>
      )}
    </s-section>
  );
};
