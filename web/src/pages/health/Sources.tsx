// Where news comes from: how each source stands, when it was last heard, and up to when everything is here.
import type { SourceHealth } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatAgo, formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { Mark } from './Mark';

const heard = ({ source, heard_at: at, lag_seconds: lag }: SourceHealth, zone: string): string => {
  const isComparison = source === 'catch_up';
  if (!at) return isComparison ? words.health.notComplete : words.health.notHeard;
  return fill(isComparison ? words.health.complete : words.health.heard, { ago: formatAgo(lag ?? 0), at: formatInstant(at, zone) });
};

export const Sources = ({ sources }: { sources: SourceHealth[] }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.health.sources}>
      <ul className="health-list">
        {sources.map((row) => (
          <li key={row.source}>
            <strong>{words.health.source[row.source]}</strong>
            <Mark of={row.standing} />
            <p>{told(row.sentence, zone)}</p>
            <p className="quiet small">{heard(row, zone)}</p>
          </li>
        ))}
      </ul>
    </s-section>
  );
};
