// Up to when everything Shopify knows is here, source by source, and how far the reading of the past has come.
import type { Backfill, Sources as Answer } from '../../api/types';
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatInstant, formatMoment } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { useSources } from './queries';

const Past = ({ past, zone }: { past: Backfill; zone: string }) => {
  const { orders_read: read, orders_total: total } = past;
  const share = total ? Math.min(read / total, 1) : undefined;
  return (
    <div className="shop-past">
      <p>{told(past.sentence, zone)}</p>
      {!past.done_at && <progress aria-label="Reading the past" value={share} max={1} />}
      <p className="quiet small">
        {total === null || total === undefined ? `${counted(read, 'order')} read` : `${formatCount(read)} of ${counted(total, 'order')} read`}
      </p>
    </div>
  );
};

const found = ({ found: count, last_found_at: at }: Answer['sources'][number], zone: string): string => {
  if (count === 0) return 'nothing was missing so far';
  return `${counted(count, 'missing telling')} found and fetched${at ? `, last ${formatMoment(at, zone)}` : ''}`;
};

export const Sources = () => {
  const { time_zone: zone } = useShop();
  const sources = useSources();
  return (
    <s-section heading="Is everything here?">
      <Loaded of={sources} lines={4}>
        {({ complete_through: complete, sources: rows, backfill, recovery_addresses: recovery }) => (
          <>
            <p>
              <i className={complete ? 'dot dot-good' : 'dot'} aria-hidden="true" />{' '}
              {complete ? (
                <>
                  Complete through <b>{formatInstant(complete, zone)}</b>: compared with Shopify’s own lists, not only with what it delivered.
                </>
              ) : (
                'Not known yet: the first comparison with Shopify’s own lists is still going on.'
              )}
            </p>
            <ul className="shop-sources">
              {rows.map((row) => (
                <li key={row.source}>
                  <span>{told(row.sentence, zone)}</span>
                  <s-badge tone={row.standing === 'whole' ? 'success' : row.standing === 'behind' ? 'warning' : 'neutral'}>{row.standing}</s-badge>
                  <span className="quiet small">
                    {row.checked_at ? `Compared ${formatMoment(row.checked_at, zone)}; ${found(row, zone)}` : 'Not compared yet'}
                  </span>
                </li>
              ))}
            </ul>
            {backfill && <Past past={backfill} zone={zone} />}
            {recovery.standing === 'withheld' ? (
              <s-banner tone="warning" heading="Shopify tells no recovery addresses">
                {recovery.sentence}
              </s-banner>
            ) : (
              <p className="quiet small">{recovery.sentence}</p>
            )}
          </>
        )}
      </Loaded>
    </s-section>
  );
};
