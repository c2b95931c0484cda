// Up to when everything Shopify knows is here, source by source, and how far the reading of the past has come.
import type { Backfill, Sources as Answer } from '../../api/types';
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatInstant, formatMoment } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';
import { useSources } from './queries';

const Past = ({ past, zone }: { past: Backfill; zone: string }) => {
  const { orders_read: read, orders_total: total } = past;
  const share = total ? Math.min(read / total, 1) : undefined;
  return (
    <div className="shop-past">
      <p>{told(past.sentence, zone)}</p>
      {!past.done_at && <progress aria-label={words.shop.past} value={share} max={1} />}
      <p className="quiet small">
        {total === null || total === undefined ? fill(words.shop.readSoFar, { orders: counted(read, words.counts.order) }) : fill(words.shop.readOf, { read: formatCount(read), orders: counted(total, words.counts.order) })}
      </p>
    </div>
  );
};

const found = ({ found: count, last_found_at: at }: Answer['sources'][number], zone: string): string => {
  if (count === 0) return words.shop.nothingMissing;
  return fill(words.shop.found, { tellings: counted(count, words.counts.missingTelling), last: at ? fill(words.shop.lastFound, { at: formatMoment(at, zone) }) : '' });
};

const standingOf = (standing: string): string => (words.shop.standings as Record<string, string>)[standing] ?? standing;

export const Sources = () => {
  const { time_zone: zone } = useShop();
  const sources = useSources();
  return (
    <s-section heading={words.shop.everything}>
      <Loaded of={sources} lines={4}>
        {({ complete_through: complete, sources: rows, backfill, recovery_addresses: recovery }) => (
          <>
            <p>
              <i className={complete ? 'dot dot-good' : 'dot'} aria-hidden="true" />{' '}
              {complete ? (
                <>
                  {rich(words.shop.complete, { complete: <b>{formatInstant(complete, zone)}</b> })}
                </>
              ) : (
                words.shop.notKnown
              )}
            </p>
            <ul className="shop-sources">
              {rows.map((row) => (
                <li key={row.source}>
                  <span>{told(row.sentence, zone)}</span>
                  <s-badge tone={row.standing === 'whole' ? 'success' : row.standing === 'behind' ? 'warning' : 'neutral'}>{standingOf(row.standing)}</s-badge>
                  <span className="quiet small">
                    {row.checked_at ? fill(words.shop.comparedAt, { checked_at: formatMoment(row.checked_at, zone), found: found(row, zone) }) : words.shop.notCompared}
                  </span>
                </li>
              ))}
            </ul>
            {backfill && <Past past={backfill} zone={zone} />}
            {recovery.standing === 'withheld' ? (
              <s-banner tone="warning" heading={words.shop.noRecovery}>
                {said(recovery.sentence)}
              </s-banner>
            ) : (
              <p className="quiet small">{said(recovery.sentence)}</p>
            )}
          </>
        )}
      </Loaded>
    </s-section>
  );
};
