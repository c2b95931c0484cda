// What the campaign came to, before anything else about it.
import type { CampaignView } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { Sums, type Rate } from '../../components/list/Sums';
import { counted, formatCount, formatPercent, wilson } from '../../lib/rates';
import { ordersOf } from '../campaigns/orders';
import { fill, words } from '../../words';

const rate = (key: string, { title, definition, note }: { title: string; definition: string; note: string }, numerator: number, denominator: number): Rate => {
  const limits = wilson(numerator, denominator);
  return { key, name: title, definition: `${definition} ${note}`.trim(), of: { numerator, denominator, value: denominator > 0 ? numerator / denominator : null, low: limits?.low, high: limits?.high } };
};

export const Result = ({ campaign: { id, numbers } }: { campaign: CampaignView }) => {
  const { time_zone: zone } = useShop();
  const { drawn, held_out: heldOut, issued, delivered, clicked, ordered, expected_recipients: expected } = numbers;
  const of = (count: number, whole: number, name: string) => (whole > 0 ? fill(words.campaign.rateOf, { count: formatPercent(count / whole), name }) : '');
  return (
    <Sums
      label={words.campaign.result}
      tiles={[
        {
          key: 'attributed',
          name: words.overview.attributed,
          value: <Amount of={numbers.attributed} />,
          note: <s-link href={ordersOf(numbers, zone)}>{counted(numbers.orders, words.counts.order)}</s-link>,
        },
        { key: 'drawn', name: words.overview.chosen, value: formatCount(drawn), note: expected ? fill(words.campaign.announced, { count: formatCount(expected) }) : undefined },
        { key: 'held_out', name: words.campaign.leftOut, value: formatCount(heldOut), note: of(heldOut, drawn, words.overview.rates.chosen) },
        { key: 'issued', name: words.overview.messages, value: <s-link href={`/messages?campaign=${encodeURIComponent(id)}&days=90`}>{formatCount(issued)}</s-link> },
        { key: 'delivered', name: words.overview.delivered, value: formatCount(delivered), note: of(delivered, issued, words.overview.rates.messages) },
      ]}
      rates={[rate('click_through', words.kpis.of.click_through, clicked, delivered), rate('conversion', words.kpis.of.conversion_rate, ordered, delivered)]}
    >
      <p className="sums-note small">
        <s-link href={`/lift?campaign=${encodeURIComponent(id)}`}>{words.campaign.lift}</s-link> · <s-link href={`/codes?campaign=${encodeURIComponent(id)}&days=90`}>{words.campaign.itsCodes}</s-link>
      </p>
    </Sums>
  );
};
