// Every campaign with what it offered, whom it reached and what it brought, from its beginning until now.
import { Empty, Loaded } from '../../components/page-states';
import { words } from '../../words';
import { CampaignCard } from './CampaignCard';
import { useCampaigns } from './queries';
import './campaigns.css';

export const Campaigns = () => {
  const campaigns = useCampaigns();
  const rows = campaigns.data?.pages.flatMap((page) => page.campaigns) ?? [];
  return (
    <s-page heading={words.shell.campaigns}>
      <s-button slot="primary-action" variant="primary" href="/campaigns/new">
        {words.campaigns.new}
      </s-button>
      <Loaded of={campaigns} lines={8}>
        {() =>
          rows.length === 0 ? (
            <s-section accessibilityLabel={words.campaigns.none}>
              <Empty title={words.campaigns.none}>
                {words.campaigns.noneText}
              </Empty>
              <div className="campaigns-first">
                <s-button variant="primary" href="/campaigns/new">
                  {words.campaigns.makeFirst}
                </s-button>
              </div>
            </s-section>
          ) : (
            <>
              <p className="quiet small">{words.campaigns.wholeLife}</p>
              <ul className="campaigns">
                {rows.map((campaign) => (
                  <CampaignCard key={campaign.id} campaign={campaign} />
                ))}
              </ul>
              {campaigns.hasNextPage && (
                <div>
                  <s-button loading={campaigns.isFetchingNextPage} onClick={() => void campaigns.fetchNextPage()}>
                    {words.campaigns.more}
                  </s-button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </s-page>
  );
};
