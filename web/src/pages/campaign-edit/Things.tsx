// Products or collections: chosen in the admin's own picker where there is one, else by number or address.
import { words } from '../../words';
import { SelectField, TextField, useForm } from './Fields';

type Picked = { id: string }[] | undefined;
type Pick = (options: { type: 'product' | 'collection'; multiple: boolean; action: 'select' }) => Promise<Picked>;

const picker = (): Pick | undefined => (window.shopify as { resourcePicker?: Pick } | undefined)?.resourcePicker;

export const Things = () => {
  const { draft, set, touch, problems, said, isLocked } = useForm();
  const choose = async (): Promise<void> => {
    const picked = await picker()?.({ type: draft.about === 'products' ? 'product' : 'collection', multiple: true, action: 'select' });
    if (picked) set({ ids: picked.map(({ id }) => id.split('/').pop()).join(', ') });
    touch(`applies_to.${draft.about}`);
  };
  // Which of them is named, and how many, is one thing to whoever writes it.
  const path = problems.has('applies_to') ? 'applies_to' : `applies_to.${draft.about}`;
  return (
    <div className="edit-row">
      <SelectField
        field="about"
        path="applies_to.choice"
        label={words.campaign.appliesTo}
        options={[
          ['all', words.campaign.wholeOrder],
          ['products', words.edit.certainProducts],
          ['collections', words.edit.certainCollections],
        ]}
      />
      {draft.about !== 'all' && (
        <div className="edit-things">
          <TextField
            field="ids"
            path={path}
            label={draft.about === 'products' ? words.edit.products : words.edit.collections}
            details={said(path) ? undefined : words.edit.idsDetails}
          />
          {picker() && !isLocked('applies_to') && <s-button onClick={() => void choose()}>{words.edit.choose}</s-button>}
        </div>
      )}
    </div>
  );
};
