// What we said about this order, and when: a refund or an edit adds a version, it never rewrites one.
import type { Receipt } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { lineName } from '../../lib/words';
import { words } from '../../words';

export const Versions = ({ receipt: { versions } }: { receipt: Receipt }) => {
  const { time_zone: zone } = useShop();
  if (versions.length === 0) return null;
  const latestFirst = versions.toReversed();
  return (
    <s-section heading={words.order.versions}>
      <ol className="versions">
        {latestFirst.map((version, index) => (
          <li key={`${version.effective_at}-${index}`}>
            <span className="versions-top">
              <b>{lineName(version.line)}</b>
              <b>
                <Amount of={version.net_sales} />
              </b>
            </span>
            <span className="quiet small">
              {formatInstant(version.effective_at, zone)}
              {index === 0 && versions.length > 1 && words.order.standsNow}
            </span>
            <span className="small">{told(version.why, zone)}</span>
          </li>
        ))}
      </ol>
    </s-section>
  );
};
