// Narrows the orders to one line of the ledger or to what one number counts, and shows when they are narrowed to one campaign.
import { LINE_IDS, lineName, LIST_IDS, listName } from '../../lib/words';
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
    <s-select label="Show" labelAccessibilityVisibility="exclusive" value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
      <s-option value="">All orders</s-option>
      {LIST_IDS.map((id) => (
        <s-option key={`measure:${id}`} value={`measure:${id}`}>
          {listName(id)}
        </s-option>
      ))}
      {LINE_IDS.map((id) => (
        <s-option key={`line:${id}`} value={`line:${id}`}>
          Ledger line: {lineName(id)}
        </s-option>
      ))}
    </s-select>
    {campaign !== null && (
      <span className="filters-campaign small">
        Only orders of {campaign}
        <button type="button" onClick={dropCampaign} aria-label="Show the orders of all campaigns">
          ×
        </button>
      </span>
    )}
  </div>
);
