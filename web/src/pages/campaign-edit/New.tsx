// A campaign is written.
import { useNavigate } from 'react-router';
import { SAVED } from '../../components/Unsaved';
import { EMPTY } from './draft';
import { Editor } from './Editor';
import { useCreate } from './queries';

export const NewCampaign = () => {
  const create = useCreate();
  const navigate = useNavigate();
  return (
    <s-page heading="New campaign">
      <s-link slot="breadcrumb-actions" href="/campaigns">
        ← Campaigns
      </s-link>
      <Editor
        start={EMPTY}
        isNew
        action="Create campaign"
        isSaving={create.isPending}
        refusal={create.error}
        save={(body) => create.mutate(body, { onSuccess: ({ id }) => void navigate(`/campaigns/${id}`, SAVED) })}
        cancel={<s-button href="/campaigns">Cancel</s-button>}
      />
    </s-page>
  );
};
