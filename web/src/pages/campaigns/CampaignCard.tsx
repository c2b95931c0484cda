// One campaign: its offer, its reach as rates with what they are rates of, its codes in store, its sales.
import type { Campaign } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatInstant } from '../../lib/dates';
import { counted, formatCount, formatPercent, formatShare } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { kindName } from '../../lib/words';
import { linksOf, ordersOf } from './orders';

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

/** Codes out, of those who are to get one: announced, or else drawn, without who is left out. */
const CodesOut = ({ campaign }: { campaign: Campaign }) => {
  const expected = campaign.expected_recipients;
  const audience = expected ? Math.max(Math.round(expected * (1 - campaign.holdout)), campaign.issued) : campaign.drawn - campaign.held_out;
  if (!campaign.offer_text || audience === 0) return null;
  return (
    <span>
      {formatCount(campaign.issued)} of {counted(audience, 'code')} out
    </span>
  );
};

const Standing = ({ campaign }: { campaign: Campaign }) => (
  <span className="campaign-badges">
    {campaign.archived_at ? (
      <s-badge>Archived</s-badge>
    ) : campaign.trouble ? (
      <s-badge tone="critical">Trouble at Shopify</s-badge>
    ) : (
      <s-badge tone="success">Live</s-badge>
    )}
    {campaign.open_alarms > 0 && <s-badge tone="warning">{counted(campaign.open_alarms, 'leak alarm')}</s-badge>}
  </span>
);

export const CampaignCard = ({ campaign }: { campaign: Campaign }) => {
  const { time_zone: zone } = useShop();
  const holdout = Number(campaign.holdout);
  return (
    <li className={campaign.archived_at ? 'campaign campaign-past' : 'campaign'}>
      <div className="campaign-top">
        <div>
          <h2>
            <s-link href={`/campaigns/${encodeURIComponent(campaign.id)}`}>{campaign.name}</s-link>
            <Standing campaign={campaign} />
          </h2>
          <p className="quiet small">
            {kindName(campaign.kind)} · {campaign.offer_text ? told(campaign.offer_text, zone) : 'No discount'} · since {formatInstant(campaign.created_at, zone)}
          </p>
        </div>
        <p className="campaign-sales">
          <Amount of={campaign.attributed} />
          <span className="quiet small">
            attributed, <s-link href={ordersOf(campaign, zone)}>{counted(campaign.orders, 'order')}</s-link>
          </span>
        </p>
      </div>
      <dl className="campaign-figures">
        <Figure name="Chosen" count={campaign.drawn} />
        <Figure name="Given a link" count={campaign.issued} />
        <Figure name="Delivered" count={campaign.delivered} of={campaign.issued} ofName="links" />
        <Figure name="Tapped" count={campaign.clicked} of={campaign.delivered} ofName="delivered" />
        <Figure name="Ordered" count={campaign.ordered} of={campaign.delivered} ofName="delivered" />
      </dl>
      {campaign.trouble && <p className="campaign-trouble">{told(campaign.trouble.words, zone)}</p>}
      <p className="campaign-foot quiet small">
        <span>
          {holdout > 0 ? `${formatShare(holdout)} held out to compare (${counted(campaign.held_out, 'person', 'people')})` : 'Nobody held out'}
        </span>
        <CodesOut campaign={campaign} />
        <Pool pool={campaign.pool} />
        <s-link href={linksOf(campaign, zone)}>
          {counted(campaign.taps, 'tap')} by people of {formatCount(campaign.taps_raw)} hits
        </s-link>
      </p>
    </li>
  );
};
