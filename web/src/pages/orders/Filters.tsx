// Narrows the orders to one line of the ledger, and shows when they are narrowed to one campaign.
import { LINE_IDS, lineName } from '../../lib/words';
import './orders.css';

interface Props {
  line: string;
  chooseLine: (line: string) => void;
  campaign: string | null;
  dropCampaign: () => void;
}

export const Filters = ({ line, chooseLine, campaign, dropCampaign }: Props) => (
  <div className="filters">
    <s-select label="Show" labelAccessibilityVisibility="exclusive" value={line} onChange={(event) => chooseLine(event.currentTarget.value)}>
      <s-option value="">All orders</s-option>
      {LINE_IDS.map((id) => (
        <s-option key={id} value={id}>
          {lineName(id)}
        </s-option>
      ))}
      {line !== '' && !LINE_IDS.includes(line) && <s-option value={line}>{lineName(line)}</s-option>}
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
