// One campaign: its offer, its reach as rates with what they are rates of, its codes in store, its sales.
import type { Campaign } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatInstant } from '../../lib/dates';
import { counted, formatCount, formatPercent, formatShare } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { kindName } from '../../lib/words';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';
import { linksOf, ordersOf } from './orders';

const Figure = ({ name, count, of, ofName }: { name: string; count: number; of?: number; ofName?: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <b className="amount">{formatCount(count)}</b>
      {of !== undefined && of > 0 && (
        <span className="quiet small">
          {fill(words.campaign.rateOf, { count: formatPercent(count / of), name: ofName ?? '' })}
        </span>
      )}
    </dd>
  </div>
);

const Pool = ({ pool }: { pool: Campaign['pool'] }) => {
  if (pool.imported === 0 && pool.pending === 0) return null;
  return (
    <span>
      {rich(words.campaigns.ready, { codes: counted(pool.imported, words.counts.code), pending: pool.pending > 0 && fill(words.campaigns.pending, { pending: formatCount(pool.pending) }) })}
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
      {fill(words.campaigns.out, { issued: formatCount(campaign.issued), codes: counted(audience, words.counts.code) })}
    </span>
  );
};

const Standing = ({ campaign }: { campaign: Campaign }) => (
  <span className="campaign-badges">
    {campaign.archived_at ? (
      <s-badge>{words.campaign.archived}</s-badge>
    ) : campaign.trouble ? (
      <s-badge tone="critical">{words.campaign.trouble}</s-badge>
    ) : (
      <s-badge tone="success">{words.campaign.live}</s-badge>
    )}
    {campaign.open_alarms > 0 && <s-badge tone="warning">{counted(campaign.open_alarms, words.counts.leakAlarm)}</s-badge>}
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
            {fill(words.campaigns.about, { kind: kindName(campaign.kind), offer: campaign.offer_text ? told(campaign.offer_text, zone) : words.campaign.noDiscount, created_at: formatInstant(campaign.created_at, zone) })}
          </p>
        </div>
        <p className="campaign-sales">
          <Amount of={campaign.attributed} />
          <span className="quiet small">
            {words.campaigns.attributed}{' '}<s-link href={ordersOf(campaign, zone)}>{counted(campaign.orders, words.counts.order)}</s-link>
          </span>
        </p>
      </div>
      <dl className="campaign-figures">
        <Figure name={words.overview.chosen} count={campaign.drawn} />
        <Figure name={words.overview.givenLink} count={campaign.issued} />
        <Figure name={words.overview.delivered} count={campaign.delivered} of={campaign.issued} ofName={words.overview.rates.links} />
        <Figure name={words.overview.tapped} count={campaign.clicked} of={campaign.delivered} ofName={words.overview.rates.delivered} />
        <Figure name={words.overview.ordered} count={campaign.ordered} of={campaign.delivered} ofName={words.overview.rates.delivered} />
      </dl>
      {campaign.trouble && <p className="campaign-trouble">{told(campaign.trouble.words, zone)}</p>}
      <p className="campaign-foot quiet small">
        <span>
          {holdout > 0 ? (
            <s-link href={`/lift?campaign=${encodeURIComponent(campaign.id)}`}>
              {fill(words.campaigns.heldOut, { holdout: formatShare(holdout), people: counted(campaign.held_out, words.counts.person) })}
            </s-link>
          ) : (
            words.campaigns.nobodyHeldOut
          )}
        </span>
        <CodesOut campaign={campaign} />
        <Pool pool={campaign.pool} />
        <s-link href={linksOf(campaign, zone)}>
          {fill(words.campaigns.taps, { taps: counted(campaign.taps, words.counts.tap), taps_raw: formatCount(campaign.taps_raw) })}
        </s-link>
      </p>
    </li>
  );
};
