// What no webhook told: fetched meanwhile, or perhaps still missing.
import type { GapHealth } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';

export const Gaps = ({ gaps }: { gaps: GapHealth[] }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.health.gaps}>
      {gaps.length === 0 ? (
        <p className="quiet">{words.health.noGaps}</p>
      ) : (
        <ul className="health-list">
          {gaps.map((row) => (
            <li key={`${row.source}/${row.open}`}>
              <strong>{words.health.gapIn[row.source]}</strong>
              <s-badge tone={row.open ? 'warning' : 'success'}>{row.open ? words.health.gapOpen : words.health.gapClosed}</s-badge>
              <p>{told(row.sentence, zone)}</p>
              {row.found_at && <p className="quiet small">{fill(words.health.foundAt, { at: formatInstant(row.found_at, zone) })}</p>}
            </li>
          ))}
        </ul>
      )}
    </s-section>
  );
};
