// Narrows a list to one campaign.
import { useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import { words } from '../../words';

interface Props {
  value: string;
  choose: (campaign: string) => void;
  /** What the chosen one is called, if it is not among the latest campaigns. */
  name?: string;
}

export const CampaignSelect = ({ value, choose, name }: Props) => {
  const { data } = useQuery({ queryKey: ['campaigns', 'latest'], queryFn: () => must(get('/api/campaigns')) });
  const campaigns: { id: string; name: string }[] = data?.campaigns ?? [];
  const others = value !== '' && !campaigns.some(({ id }) => id === value) ? [{ id: value, name: name ?? words.orders.oneCampaign }] : [];
  return (
    <s-select label={words.common.campaign} labelAccessibilityVisibility="exclusive" value={value} onChange={(event) => choose(event.currentTarget.value)}>
      <s-option value="">{words.kpis.allCampaigns}</s-option>
      {[...others, ...campaigns].map((campaign) => (
        <s-option key={campaign.id} value={campaign.id}>
          {campaign.name}
        </s-option>
      ))}
    </s-select>
  );
};
