// Every campaign with what it offered, whom it reached and what it brought, from its beginning until now.
import { Empty, Loaded } from '../../components/page-states';
import { CampaignCard } from './CampaignCard';
import { useCampaigns } from './queries';
import './campaigns.css';

export const Campaigns = () => {
  const campaigns = useCampaigns();
  const rows = campaigns.data?.pages.flatMap((page) => page.campaigns) ?? [];
  return (
    <s-page heading="Campaigns">
      <s-button slot="primary-action" variant="primary" href="/campaigns/new">
        New campaign
      </s-button>
      <Loaded of={campaigns} lines={8}>
        {() =>
          rows.length === 0 ? (
            <s-section accessibilityLabel="No campaigns yet">
              <Empty title="No campaigns yet">
                A campaign gives every WhatsApp recipient a code and a link of their own; you make one here, or your WhatsApp platform does.
              </Empty>
              <div className="campaigns-first">
                <s-button variant="primary" href="/campaigns/new">
                  Make the first one
                </s-button>
              </div>
            </s-section>
          ) : (
            <>
              <p className="quiet small">Numbers are of each campaign’s whole life, refunds already taken off.</p>
              <ul className="campaigns">
                {rows.map((campaign) => (
                  <CampaignCard key={campaign.id} campaign={campaign} />
                ))}
              </ul>
              {campaigns.hasNextPage && (
                <div>
                  <s-button loading={campaigns.isFetchingNextPage} onClick={() => void campaigns.fetchNextPage()}>
                    Show more campaigns
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
