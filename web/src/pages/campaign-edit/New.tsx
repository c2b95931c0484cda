// A campaign is written.
import { useNavigate } from 'react-router';
import { SAVED } from '../../components/Unsaved';
import { words } from '../../words';
import { EMPTY } from './draft';
import { Editor } from './Editor';
import { useCreate } from './queries';

export const NewCampaign = () => {
  const create = useCreate();
  const navigate = useNavigate();
  return (
    <s-page heading={words.campaigns.new}>
      <s-link slot="breadcrumb-actions" href="/campaigns">
        {words.campaign.back}
      </s-link>
      <Editor
        start={EMPTY}
        isNew
        action={words.edit.create}
        isSaving={create.isPending}
        refusal={create.error}
        save={(body) => create.mutate(body, { onSuccess: ({ id }) => void navigate(`/campaigns/${id}`, SAVED) })}
        cancel={<s-button href="/campaigns">{words.common.cancel}</s-button>}
      />
    </s-page>
  );
};
