// A campaign is changed: what may change, and locked beside it what people were already promised.
import { useNavigate, useParams } from 'react-router';
import type { CampaignChange, CampaignView } from '../../api/types';
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { SAVED } from '../../components/Unsaved';
import { fill, words } from '../../words';
import { bodyOf, changed, draftOf } from './draft';
import { Editor } from './Editor';
import { useCampaign, useChange } from './queries';

const Form = ({ campaign }: { campaign: CampaignView }) => {
  const { currency } = useShop();
  const change = useChange(campaign.id);
  const navigate = useNavigate();
  const home = `/campaigns/${campaign.id}`;
  const start = draftOf(campaign, currency);
  return (
    <Editor
      start={start}
      isNew={false}
      bound={campaign.bound}
      action={words.edit.saveChanges}
      isSaving={change.isPending}
      refusal={change.error}
      save={(body) => {
        const what = changed(bodyOf(start, currency), body);
        if (Object.keys(what).length === 0) void navigate(home, SAVED);
        else change.mutate(what as CampaignChange, { onSuccess: () => void navigate(home, SAVED) });
      }}
      cancel={<s-button href={home}>{words.common.cancel}</s-button>}
    />
  );
};

export const ChangeCampaign = () => {
  const { id = '' } = useParams();
  const campaign = useCampaign(id);
  return (
    <s-page heading={campaign.data ? fill(words.edit.changeNamed, { name: campaign.data.name }) : words.edit.changeCampaign}>
      <s-link slot="breadcrumb-actions" href={`/campaigns/${id}`}>
        ← {campaign.data?.name ?? words.common.campaign}
      </s-link>
      <Loaded of={campaign} lines={8}>
        {(data) => <Form key={data.id} campaign={data} />}
      </Loaded>
    </s-page>
  );
};
