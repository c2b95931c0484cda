// What touched the order, ours and others', by time. A touch shares nothing by itself: it says who was there.
import type { Receipt } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { channelName } from '../../lib/words';
import { words } from '../../words';

export const Journey = ({ receipt: { journey, contested, shopify_journey: asked } }: { receipt: Receipt }) => {
  const { time_zone: zone } = useShop();
  if (journey.length === 0 && !asked.state) return null;
  return (
    <s-section heading={words.order.led}>
      {contested && <s-banner tone="warning">{told(contested, zone)}</s-banner>}
      <ol className="journey">
        {journey.map(({ at, channel, message_id: message, why }, n) => (
          <li key={`${at} ${message ?? channel} ${n}`}>
            <b>{channelName(channel)}</b> <span className="quiet small">{formatInstant(at, zone)}</span>
            <br />
            <span className="quiet">{told(why, zone)}</span>
          </li>
        ))}
      </ol>
      <p className="quiet small">{told(asked.sentence, zone)}</p>
    </s-section>
  );
};
