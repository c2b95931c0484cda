// Who is left alone, and whether some get the message without its code: a choice with its price and what it would show.
import { useShop } from '../../app/shop';
import { CodePlan, Planner } from '../../components/planner/Planner';
import { useSettings } from '../../components/settings';
import { formatShare } from '../../lib/rates';
import { fill, words } from '../../words';
import { armsOf, bodyOf, holdoutOf } from './draft';
import { Group, SelectField, TextField, useForm } from './Fields';

const written = (share: number): string => String(Number((share * 100).toFixed(4)));

/** Recipients, once so many were said. */
const peopleOf = (expected: number | null | undefined): number | null => (expected != null && expected > 0 ? expected : null);

export const Comparison = ({ isNew }: { isNew: boolean }) => {
  const { draft, set, isLocked } = useForm();
  const { currency } = useShop();
  const settings = useSettings();
  const usual = settings.data?.default_holdout;
  const arms = armsOf(draft);
  const share = holdoutOf(draft) ?? usual ?? 0;
  const people = peopleOf(bodyOf(draft, currency).expected_recipients);
  const path = arms ? 'arms.nothing' : 'holdout';
  const isWrong = share < 0 || share > 0.9;
  return (
    <Group heading={words.edit.compare} lead={words.edit.compareLead} locks={['holdout', 'arms']}>
      {draft.offer !== 'none' && (
        <SelectField
          field="groups"
          path="arms.choice"
          label={words.edit.groups}
          details={words.edit.groupsDetails}
          options={[
            ['two', words.edit.groupsTwo],
            ['three', words.edit.groupsThree],
          ]}
        />
      )}
      <div className="edit-row">
        <TextField
          field="holdout"
          path={path}
          label={words.campaign.leftOut}
          suffix="%"
          placeholder={isNew && usual != null && !arms ? written(usual) : undefined}
          details={isNew && usual != null && !arms ? fill(words.edit.holdoutEmpty, { share: formatShare(usual) }) : words.edit.holdoutDetails}
        />
        {arms && (
          <TextField
            field="alone"
            path="arms"
            label={words.edit.alone}
            suffix="%"
            details={arms.nothing >= 0 && arms.message > 0 && arms.message_and_code > 0 ? fill(words.edit.aloneDetails, { share: formatShare(arms.message_and_code) }) : undefined}
          />
        )}
      </div>
      {!isLocked('holdout') && !isWrong && (
        <>
          <Planner share={share} choose={(chosen) => set({ holdout: written(chosen) })} people={people} mayBeNobody />
          {arms && people !== null && arms.message > 0 && arms.message_and_code > 0 && <CodePlan people={people} alone={arms.message} coded={arms.message_and_code} />}
        </>
      )}
    </Group>
  );
};
