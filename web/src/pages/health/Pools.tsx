// How many codes each campaign has ready to hand out.
import type { PoolHealth } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { formatCount } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { Mark } from './Mark';

export const Pools = ({ pools }: { pools: PoolHealth[] }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.health.pools}>
      {pools.length === 0 ? (
        <p className="quiet">{words.health.noPools}</p>
      ) : (
        <ul className="health-list">
          {pools.map((row) => (
            <li key={row.campaign_id}>
              <s-link href={`/campaigns/${row.campaign_id}`}>{row.campaign}</s-link>
              <Mark of={row.standing} />
              <p>{told(row.sentence, zone)}</p>
              <p className="quiet small">{fill(words.health.pool, { low_water: formatCount(row.low_water), ends_at: formatInstant(row.ends_at, zone) })}</p>
            </li>
          ))}
        </ul>
      )}
    </s-section>
  );
};
