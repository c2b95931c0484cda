// Narrows the orders to one line of the ledger or to what one number counts, and shows when they are narrowed to one campaign.
import { LINE_IDS, lineName, LIST_IDS, listName } from '../../lib/words';
import { fill, words } from '../../words';
import './orders.css';

interface Props {
  /** `line:…` or `measure:…`; empty: all orders. */
  chosen: string;
  choose: (chosen: string) => void;
  campaign: string | null;
  dropCampaign: () => void;
}

export const Filters = ({ chosen, choose, campaign, dropCampaign }: Props) => (
  <div className="filters">
    <s-select label={words.orders.show} labelAccessibilityVisibility="exclusive" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
      <s-option value="">{words.orders.all}</s-option>
      {LIST_IDS.map((id) => (
        <s-option key={`measure:${id}`} value={`measure:${id}`}>
          {listName(id)}
        </s-option>
      ))}
      {LINE_IDS.map((id) => (
        <s-option key={`line:${id}`} value={`line:${id}`}>
          {fill(words.orders.ledgerLine, { line: lineName(id) })}
        </s-option>
      ))}
    </s-select>
    {campaign !== null && (
      <span className="filters-campaign small">
        {fill(words.orders.onlyOf, { campaign })}
        <button type="button" onClick={dropCampaign} aria-label={words.orders.dropCampaign}>
          ×
        </button>
      </span>
    )}
  </div>
);
