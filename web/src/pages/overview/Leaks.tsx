// A list of codes got out: nothing on this page matters more. A canary is a code that nobody was ever given; one that turns up says
// that somebody outside holds the whole list of its slot.
import { useShop } from '../../app/shop';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, said, words } from '../../words';
import { useLeaks } from './queries';

export const Leaks = () => {
  const { time_zone: zone } = useShop();
  const { data } = useLeaks();
  return data?.alarms.map(({ id, campaign, campaign_id: of, what, advice, sightings, last_seen_at: last }) => (
    <s-banner key={id} tone="critical" heading={fill(words.overview.gotOut, { campaign })}>
      <p>
        {fill(words.overview.seen, { what: said(what), times: counted(sightings, words.counts.time), last: formatMoment(last, zone) })}
      </p>
      <p>
        <b>{words.common.whatToDo}</b> {said(advice)} <s-link href={`/campaigns/${encodeURIComponent(of)}`}>{words.overview.openCampaign}</s-link>
      </p>
    </s-banner>
  ));
};
