// One campaign: what it promises, whether anything stands in its way, how its codes stand, and what support needs.
import { useState } from 'react';
import { useParams } from 'react-router';
import { Problem } from '../../api/problem';
import type { CampaignView } from '../../api/types';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Empty, Failed, Skeleton } from '../../components/page-states';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { SavedNote } from '../../components/Unsaved';
import { useCampaign } from '../campaign-edit/queries';
import { About } from './About';
import { Alarms } from './Alarms';
import { Codes } from './Codes';
import { FindCode } from './FindCode';
import { Messages } from './Messages';
import { useArchive } from './queries';
import './campaign.css';

const Archive = ({ campaign }: { campaign: CampaignView }) => {
  const [asks, ask] = useState(false);
  const archive = useArchive();
  return (
    <>
      <s-button slot="secondary-actions" onClick={() => ask(true)}>
        Archive
      </s-button>
      {asks && (
        <Confirm
          heading={`Archive ${campaign.name}?`}
          action="Archive campaign"
          isPending={archive.isPending}
          error={archive.error}
          onClose={() => ask(false)}
          onConfirm={() => archive.mutate(campaign.id, { onSuccess: () => ask(false) })}
        >
          <p>Nobody can be drawn into it any more, and no code can be replaced. Codes that people hold stay good until they end; the store of unused ones is put away at Shopify.</p>
          <p>Its numbers stay, and orders are still counted. An archived campaign cannot be opened again.</p>
        </Confirm>
      )}
    </>
  );
};

const Standing = ({ campaign }: { campaign: CampaignView }) => {
  const { time_zone: zone } = useShop();
  return (
    <>
      {campaign.trouble && (
        <s-banner tone="critical" heading="Shopify does not take this campaign’s discount">
          {told(campaign.trouble.words, zone)} <span className="quiet small">Since {formatInstant(campaign.trouble.since, zone)}.</span>{' '}
          <s-link href={`/campaigns/${campaign.id}/change`}>Change the campaign</s-link>
        </s-banner>
      )}
      {campaign.notices.map((notice) => (
        <s-banner key={`${notice.slot_ends_at}/${notice.kind}`} tone="warning" heading="Somebody changed a discount of this campaign in your admin">
          {told(notice.words, zone)} <span className="quiet small">The one that ends {formatInstant(notice.slot_ends_at, zone)}.</span>
        </s-banner>
      ))}
    </>
  );
};

const Badge = ({ campaign }: { campaign: CampaignView }) => {
  if (campaign.archived_at) return <s-badge>Archived</s-badge>;
  if (campaign.trouble) return <s-badge tone="critical">Trouble at Shopify</s-badge>;
  return <s-badge tone="success">Live</s-badge>;
};

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/campaigns">
    ← Campaigns
  </s-link>
);

export const Campaign = () => {
  const { id = '' } = useParams();
  const { data, error, refetch } = useCampaign(id);
  if (!data) {
    const isMissing = error instanceof Problem && error.status === 404;
    return (
      <s-page heading="Campaign">
        <Back />
        {isMissing && (
          <s-section accessibilityLabel="No such campaign">
            <Empty title="This campaign is not known here">
              It may belong to another shop. <s-link href="/campaigns">See all campaigns</s-link>
            </Empty>
          </s-section>
        )}
        {error && !isMissing && <Failed error={error} retry={refetch} />}
        {!error && <Skeleton lines={8} />}
      </s-page>
    );
  }
  const hasAlarms = data.numbers.open_alarms > 0;
  return (
    <s-page heading={data.name}>
      <Back />
      <s-button slot="primary-action" href={`/campaigns/${id}/change`}>
        Change
      </s-button>
      {!data.archived_at && <Archive campaign={data} />}
      <div className="campaign-page stack">
        <SavedNote />
        <div>
          <Badge campaign={data} />
        </div>
        {error && <Failed error={error} retry={refetch} />}
        <Standing campaign={data} />
        {data.offer && hasAlarms && <Alarms id={id} />}
        <About campaign={data} />
        {data.offer && <Codes id={id} />}
        {data.offer && !hasAlarms && <Alarms id={id} />}
        {data.offer && <FindCode id={id} />}
        <Messages id={id} heldOut={data.numbers.held_out} />
      </div>
    </s-page>
  );
};
