// The form beside its preview. Problems stand at their fields as soon as these were touched; trying to save shows all of them.
import { useMemo, useState, type ReactNode } from 'react';
import { fromThrown } from '../../api/problem';
import type { NewCampaign } from '../../api/types';
import { useShop } from '../../app/shop';
import { counted } from '../../lib/rates';
import { Bubble } from './Bubble';
import { bodyOf, type Draft } from './draft';
import { FormContext, type Form } from './Fields';
import { Groups } from './Groups';
import { problemsOf } from './problems';
import { usePreview } from './queries';
import './edit.css';

interface Props {
  start: Draft;
  isNew: boolean;
  bound?: string[];
  action: string;
  isSaving: boolean;
  refusal: unknown;
  save: (body: NewCampaign) => void;
  cancel: ReactNode;
}

export const Editor = ({ start, isNew, bound = [], action, isSaving, refusal, save, cancel }: Props) => {
  const { currency } = useShop();
  const [draft, setDraft] = useState(start);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [hasTried, setTried] = useState(false);
  const body = bodyOf(draft, currency);
  const preview = usePreview(body);
  const problems = problemsOf(preview.data, [preview.error, refusal]);
  const form = useMemo<Form>(
    () => ({
      draft,
      problems,
      set: (change) => setDraft((now) => ({ ...now, ...change })),
      touch: (path) => setTouched((now) => (now.has(path) ? now : new Set([...now, path]))),
      said: (path) => (hasTried || touched.has(path) ? problems.get(path) : undefined),
      isLocked: (path) => bound.includes(path.split('.')[0] ?? path),
    }),
    [draft, problems, touched, hasTried, bound],
  );
  const press = (): void => {
    setTried(true);
    if (preview.isOfNow && problems.size === 0) save(body);
  };
  const unplaced = [preview.error, refusal].filter(Boolean).map(fromThrown).filter(({ field }) => !field);
  return (
    <FormContext value={form}>
      <div className="edit">
        <div className="stack">
          <Groups isNew={isNew} />
          {unplaced.map((problem) => (
            <s-banner key={problem.title} tone="critical" heading={problem.title}>
              {problem.detail}
            </s-banner>
          ))}
          <div className="edit-save">
            <s-button variant="primary" loading={isSaving} onClick={press}>
              {action}
            </s-button>
            {cancel}
            {hasTried && problems.size > 0 && (
              <span role="alert" className="edit-wrong small">
                {counted(problems.size, 'field')} to put right, marked above.
              </span>
            )}
          </div>
        </div>
        <div className="edit-side">
          <Bubble preview={preview.data} isFresh={preview.isOfNow} />
        </div>
      </div>
    </FormContext>
  );
};
