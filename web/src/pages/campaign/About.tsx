// What the campaign is: its promise in one sentence, its terms in words.
import type { CampaignView } from '../../api/types';
import { useShop } from '../../app/shop';
import { Copy } from '../../components/Copy';
import { formatInstant, formatSpan } from '../../lib/dates';
import { formatMoney } from '../../lib/money';
import { counted, formatShare, listed } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { kindName } from '../../lib/words';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';

const purchases = (): Record<string, string> => ({ one_time: words.campaign.oneTime, subscription: words.campaign.subscription, both: words.campaign.both });

const conditions = (campaign: CampaignView, currency: string): [string, string][] => {
  const { minimum_subtotal_minor: subtotal, minimum_quantity: pieces, applies_to: about, combines_with: combines, expiry, code, link } = campaign;
  const met = [combines.product && words.campaign.discountKinds.product, combines.order && words.campaign.discountKinds.order, combines.shipping && words.campaign.discountKinds.shipping].filter((one) => typeof one === 'string');
  const things = [...(about?.products ?? []).map((id) => fill(words.campaign.product, { id })), ...(about?.collections ?? []).map((id) => fill(words.campaign.collection, { id }))];
  const facts: [string, string | false][] = [
    [words.campaign.minimum, subtotal ? formatMoney({ minor: subtotal, currency }) : pieces ? counted(pieces, words.counts.piece) : words.common.none],
    [words.campaign.appliesTo, things.length === 0 ? words.campaign.wholeOrder : things.length > 4 ? fill(words.campaign.ofCatalogue, { things: counted(things.length, words.counts.thing) }) : things.join(', ')],
    [words.campaign.purchase, purchases()[campaign.purchase] ?? campaign.purchase],
    [words.campaign.combines, met.length === 0 ? words.campaign.noOther : fill(words.campaign.yourDiscounts, { kinds: listed(met) })],
    [words.campaign.goodFor, fill(words.campaign.goodFrom, { span: formatSpan(expiry.after_seconds), start: expiry.starts === 'delivery' ? words.campaign.delivery : words.campaign.beingDrawn })],
    [words.campaign.endsAt, expiry.exact ? words.campaign.toSecond : fill(words.campaign.within, { span: formatSpan(expiry.slot_seconds ?? 3_600) })],
    [words.campaign.codesLook, `${code.prefix ?? ''}${'•'.repeat(code.length ?? 12)}`],
  ];
  const always: [string, string | false][] = [
    [words.campaign.linkLeads, `${link.destination ?? '/'}${link.auto_apply === false || !campaign.offer ? '' : words.campaign.codeApplied}`],
    [words.campaign.utm, [link.utm?.source ?? words.campaign.shops, link.utm?.medium ?? words.campaign.shops, link.utm?.campaign ?? campaign.name].join(' / ')],
    [words.edit.groups, campaign.arms ? fill(words.edit.groupsShare, { nothing: formatShare(campaign.arms.nothing), message: formatShare(campaign.arms.message), code: formatShare(campaign.arms.message_and_code) }) : false],
    [words.campaign.cost, campaign.cost_per_message ? formatMoney(campaign.cost_per_message) : false],
    [words.campaign.cartTitle, campaign.offer && campaign.title !== campaign.name ? campaign.title : false],
    [words.campaign.tags, campaign.tags.length > 0 ? campaign.tags.join(', ') : false],
  ];
  return [...(campaign.offer ? facts : []), ...always].filter((fact): fact is [string, string] => fact[1] !== false);
};

export const About = ({ campaign }: { campaign: CampaignView }) => {
  const { currency, time_zone: zone } = useShop();
  return (
    <s-section heading={words.campaign.promises}>
      <div className="stack">
        <p className="about-promise">{told(campaign.summary, zone)}</p>
        <p className="quiet small">
          {rich(words.campaign.since, { kind: kindName(campaign.kind), created_at: formatInstant(campaign.created_at, zone), archived_at: campaign.archived_at && fill(words.campaign.archivedAt, { archived_at: formatInstant(campaign.archived_at, zone) }) })}
        </p>
        <p className="about-id small">
          <span className="quiet">{words.campaign.id}</span> <span className="mono">{campaign.id}</span> <Copy text={campaign.id} label={words.campaign.copyId} />
        </p>
        <details>
          <summary>{words.campaign.allTerms}</summary>
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
