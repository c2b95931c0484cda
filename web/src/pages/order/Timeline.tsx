// The stations from message to order as a picture: a line from left to right, from top to bottom on a phone.
import type { Receipt } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatMoment, formatSpan, secondsBetween } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { stationsOf, type Station } from './timeline';

const gapBefore = (stations: Station[], index: number): string | null => {
  const here = stations[index]?.at;
  const before = stations.slice(0, index).findLast(({ at }) => at !== null)?.at;
  if (!here || !before) return null;
  const seconds = secondsBetween(before, here);
  return seconds > 0 ? fill(words.order.later, { span: formatSpan(seconds) }) : words.order.atOnce;
};

export const Timeline = ({ receipt }: { receipt: Receipt }) => {
  const { time_zone: zone } = useShop();
  const stations = stationsOf(receipt);
  return (
    <s-section heading={words.order.happened}>
      <ol className="timeline">
        {stations.map(({ key, name, at, tone, note }, index) => {
          const gap = gapBefore(stations, index);
          return (
            <li key={key} className={at ? `timeline-${tone}` : 'timeline-unknown'}>
              <i aria-hidden="true" />
              <span className="timeline-words">
                <strong>{name}</strong>
                {at && <time dateTime={at}>{formatMoment(at, zone)}</time>}
                {gap && <span className="quiet small">{gap}</span>}
                {note && <span className="quiet small">{told(note, zone)}</span>}
              </span>
            </li>
          );
        })}
      </ol>
      {receipt.winner && (
        <p className="small timeline-none">
          <s-link href={`/messages/${receipt.winner.message_id}`}>{words.order.wholeLife}</s-link>
        </p>
      )}
      {receipt.taps_left_out && <p className="quiet small timeline-none">{words.order.moreTaps}</p>}
      {!receipt.winner && receipt.recovered && (
        <p className="small timeline-none">
          <s-link href={`/messages/${receipt.recovered.message_id}`}>{words.order.checkoutMessage}</s-link>
        </p>
      )}
      {!receipt.winner && !receipt.recovered && (
        <p className="quiet small timeline-none">{words.order.noMessage}</p>
      )}
    </s-section>
  );
};
