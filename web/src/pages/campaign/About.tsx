// What the campaign is: its promise in one sentence, its terms in words, its reach in numbers.
import type { CampaignView } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Copy } from '../../components/Copy';
import { formatInstant, formatSpan } from '../../lib/dates';
import { formatMoney } from '../../lib/money';
import { counted, formatCount, formatPercent } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { kindName } from '../../lib/words';
import { ordersOf } from '../campaigns/orders';

const PURCHASES: Record<string, string> = { one_time: 'One-time purchases', subscription: 'Subscriptions, first order', both: 'One-time and subscriptions (first order)' };

const conditions = (campaign: CampaignView, currency: string): [string, string][] => {
  const { minimum_subtotal_minor: subtotal, minimum_quantity: pieces, applies_to: about, combines_with: combines, expiry, code, link } = campaign;
  const met = [combines.product && 'product', combines.order && 'order', combines.shipping && 'shipping'].filter(Boolean);
  const things = [...(about?.products ?? []).map((id) => `product ${id}`), ...(about?.collections ?? []).map((id) => `collection ${id}`)];
  const facts: [string, string | false][] = [
    ['Minimum', subtotal ? formatMoney({ minor: subtotal, currency }) : pieces ? counted(pieces, 'piece') : 'None'],
    ['Applies to', things.length === 0 ? 'The whole order' : things.length > 4 ? `${counted(things.length, 'thing')} of your catalogue` : things.join(', ')],
    ['Purchase type', PURCHASES[campaign.purchase] ?? campaign.purchase],
    ['Combines with', met.length === 0 ? 'No other discount' : `Your ${met.join(' and ')} discounts`],
    ['A code is good for', `${formatSpan(expiry.after_seconds)} from ${expiry.starts === 'delivery' ? 'delivery' : 'being drawn'}`],
    ['Ends at Shopify', expiry.exact ? 'To the second' : `Within ${formatSpan(expiry.slot_seconds ?? 3_600)} after that`],
    ['Codes look like', `${code.prefix ?? ''}${'•'.repeat(code.length ?? 12)}`],
  ];
  const always: [string, string | false][] = [
    ['Link leads to', `${link.destination ?? '/'}${link.auto_apply === false || !campaign.offer ? '' : ', code applied'}`],
    ['UTM', [link.utm?.source ?? 'the shop’s', link.utm?.medium ?? 'the shop’s', link.utm?.campaign ?? campaign.name].join(' / ')],
    ['Cost per message', campaign.cost_per_message ? formatMoney(campaign.cost_per_message) : false],
    ['Title in the cart', campaign.offer && campaign.title !== campaign.name ? campaign.title : false],
    ['Tags', campaign.tags.length > 0 ? campaign.tags.join(', ') : false],
  ];
  return [...(campaign.offer ? facts : []), ...always].filter((fact): fact is [string, string] => fact[1] !== false);
};

const Reach = ({ campaign }: { campaign: CampaignView }) => {
  const { numbers } = campaign;
  const of = (count: number, whole: number, name: string) => (whole > 0 ? `${formatPercent(count / whole)} of ${name}` : '');
  const rows: [string, number, string][] = [
    ['Chosen', numbers.drawn, numbers.expected_recipients ? `of ${formatCount(numbers.expected_recipients)} announced` : ''],
    ['Left out to compare', numbers.held_out, of(numbers.held_out, numbers.drawn, 'chosen')],
    ['Messages', numbers.issued, ''],
    ['Delivered', numbers.delivered, of(numbers.delivered, numbers.issued, 'messages')],
    ['Tapped', numbers.clicked, of(numbers.clicked, numbers.delivered, 'delivered')],
    ['Ordered', numbers.ordered, of(numbers.ordered, numbers.delivered, 'delivered')],
  ];
  return (
    <dl className="reach">
      {rows.map(([name, count, share]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b className="amount">{formatCount(count)}</b>
            <span className="quiet small">{share}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
};

export const About = ({ campaign }: { campaign: CampaignView }) => {
  const { currency, time_zone: zone } = useShop();
  return (
    <s-section heading="What it promises">
      <div className="stack">
        <p className="about-promise">{told(campaign.summary, zone)}</p>
        <p className="quiet small">
          {kindName(campaign.kind)} · since {formatInstant(campaign.created_at, zone)}
          {campaign.archived_at && ` · archived ${formatInstant(campaign.archived_at, zone)}`}
        </p>
        <p className="about-id small">
          <span className="quiet">Id for your WhatsApp platform</span> <span className="mono">{campaign.id}</span> <Copy text={campaign.id} label="Copy the campaign’s id" />
        </p>
        <Reach campaign={campaign} />
        <p>
          <Amount of={campaign.numbers.attributed} /> <span className="quiet">attributed so far.</span>{' '}
          <s-link href={ordersOf(campaign.numbers, zone)}>{counted(campaign.numbers.orders, 'order')}</s-link>
        </p>
        <details>
          <summary>All terms</summary>
          <dl className="facts">
            {conditions(campaign, currency).map(([name, text]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
    </s-section>
  );
};
