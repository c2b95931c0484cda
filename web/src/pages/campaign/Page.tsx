// One campaign: what it came to, what it promises, whether anything stands in its way, how its codes stand, and what support needs.
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
import { fill, words } from '../../words';
import { About } from './About';
import { Alarms } from './Alarms';
import { Codes } from './Codes';
import { FindCode } from './FindCode';
import { Messages } from './Messages';
import { useArchive } from './queries';
import { Result } from './Result';
import './campaign.css';

const Archive = ({ campaign }: { campaign: CampaignView }) => {
  const [asks, ask] = useState(false);
  const archive = useArchive();
  return (
    <>
      <s-button slot="secondary-actions" onClick={() => ask(true)}>
        {words.campaign.archive}
      </s-button>
      {asks && (
        <Confirm
          heading={fill(words.campaign.archiveQuestion, { name: campaign.name })}
          action={words.campaign.archiveAction}
          isPending={archive.isPending}
          error={archive.error}
          onClose={() => ask(false)}
          onConfirm={() => archive.mutate(campaign.id, { onSuccess: () => ask(false) })}
        >
          <p>{words.campaign.archiveText}</p>
          <p>{words.campaign.archiveThen}</p>
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
        <s-banner tone="critical" heading={words.campaign.refusedDiscount}>
          {told(campaign.trouble.words, zone)} <span className="quiet small">{fill(words.campaign.sinceDay, { since: formatInstant(campaign.trouble.since, zone) })}</span>{' '}
          <s-link href={`/campaigns/${campaign.id}/change`}>{words.campaign.changeCampaign}</s-link>
        </s-banner>
      )}
      {campaign.notices.map((notice) => (
        <s-banner key={`${notice.slot_ends_at}/${notice.kind}`} tone="warning" heading={words.campaign.somebodyChanged}>
          {told(notice.words, zone)} <span className="quiet small">{fill(words.campaign.theOneEnding, { slot_ends_at: formatInstant(notice.slot_ends_at, zone) })}</span>
        </s-banner>
      ))}
    </>
  );
};

const Badge = ({ campaign }: { campaign: CampaignView }) => {
  if (campaign.archived_at) return <s-badge>{words.campaign.archived}</s-badge>;
  if (campaign.trouble) return <s-badge tone="critical">{words.campaign.trouble}</s-badge>;
  return <s-badge tone="success">{words.campaign.live}</s-badge>;
};

const Back = () => (
  <s-link slot="breadcrumb-actions" href="/campaigns">
    {words.campaign.back}
  </s-link>
);

export const Campaign = () => {
  const { id = '' } = useParams();
  const { data, error, refetch } = useCampaign(id);
  if (!data) {
    const isMissing = error instanceof Problem && error.status === 404;
    return (
      <s-page heading={words.common.campaign}>
        <Back />
        {isMissing && (
          <s-section accessibilityLabel={words.campaign.none}>
            <Empty title={words.campaign.unknown}>
              {words.campaign.unknownText}{' '}<s-link href="/campaigns">{words.overview.seeCampaigns}</s-link>
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
        {words.campaign.change}
      </s-button>
      {!data.archived_at && <Archive campaign={data} />}
      <div className="campaign-page stack">
        <SavedNote />
        <div>
          <Badge campaign={data} />
        </div>
        {error && <Failed error={error} retry={refetch} />}
        <Standing campaign={data} />
        <Result campaign={data} />
        {data.offer && hasAlarms && <Alarms id={id} />}
        <About campaign={data} />
        {data.offer && <Codes id={id} />}
        {data.offer && !hasAlarms && <Alarms id={id} />}
        {data.offer && <FindCode id={id} />}
        <Messages id={id} since={data.created_at} heldOut={data.numbers.held_out} />
      </div>
    </s-page>
  );
};
