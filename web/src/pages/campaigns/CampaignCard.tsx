// One campaign: its offer, its reach as rates with what they are rates of, its codes in store, its sales.
import type { Campaign } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { addDays, formatInstant, todayIn } from '../../lib/dates';
import { counted, formatCount, formatPercent } from '../../lib/rates';
import { kindName } from '../../lib/words';

const Figure = ({ name, count, of, ofName }: { name: string; count: number; of?: number; ofName?: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <b className="amount">{formatCount(count)}</b>
      {of !== undefined && of > 0 && (
        <span className="quiet small">
          {formatPercent(count / of)} of {ofName}
        </span>
      )}
    </dd>
  </div>
);

const Pool = ({ pool }: { pool: Campaign['pool'] }) => {
  if (pool.imported === 0 && pool.pending === 0) return null;
  return (
    <span>
      {counted(pool.imported, 'code')} ready
      {pool.pending > 0 && `, ${formatCount(pool.pending)} on their way`}
    </span>
  );
};

/** A campaign's orders from the day it began; a day earlier, so that no time zone cuts off its first hours. */
const ordersOf = (campaign: Campaign, zone: string): string => {
  const from = addDays(todayIn(zone, new Date(campaign.created_at)), -1);
  return `/orders?campaign=${encodeURIComponent(campaign.id)}&from=${from}&to=${todayIn(zone)}`;
};

/** Its links over the same days. */
const linksOf = (campaign: Campaign, zone: string): string => ordersOf(campaign, zone).replace('/orders', '/links');

export const CampaignCard = ({ campaign }: { campaign: Campaign }) => {
  const { time_zone: zone } = useShop();
  const holdout = Number(campaign.holdout);
  return (
    <li className={campaign.archived_at ? 'campaign campaign-past' : 'campaign'}>
      <div className="campaign-top">
        <div>
          <h2>
            <s-link href={ordersOf(campaign, zone)}>{campaign.name}</s-link>
          </h2>
          <p className="quiet small">
            {kindName(campaign.kind)} · {campaign.offer_text ?? 'No discount'} · since {formatInstant(campaign.created_at, zone)}
          </p>
        </div>
        <p className="campaign-sales">
          <Amount of={campaign.attributed} />
          <span className="quiet small">attributed, {counted(campaign.orders, 'order')}</span>
        </p>
      </div>
      <dl className="campaign-figures">
        <Figure name="Chosen" count={campaign.drawn} />
        <Figure name="Given a link" count={campaign.issued} />
        <Figure name="Delivered" count={campaign.delivered} of={campaign.issued} ofName="links" />
        <Figure name="Tapped" count={campaign.clicked} of={campaign.delivered} ofName="delivered" />
        <Figure name="Ordered" count={campaign.orders} of={campaign.delivered} ofName="delivered" />
      </dl>
      <p className="campaign-foot quiet small">
        {campaign.archived_at && <s-badge>Archived</s-badge>}
        <span>
          {holdout > 0 ? `${formatPercent(holdout)} held out to compare (${counted(campaign.held_out, 'person', 'people')})` : 'Nobody held out'}
        </span>
        <Pool pool={campaign.pool} />
        <s-link href={linksOf(campaign, zone)}>
          {counted(campaign.taps, 'tap')} by people of {formatCount(campaign.taps_raw)} hits
        </s-link>
      </p>
    </li>
  );
};
