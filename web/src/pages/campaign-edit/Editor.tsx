// The form beside its preview. Problems stand at their fields as soon as these were touched; trying to save shows all of them and
// leads to the first. What is not saved is asked about before it is left, and inside the admin stands in its save bar.
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { fromThrown } from '../../api/problem';
import type { NewCampaign } from '../../api/types';
import { useShop } from '../../app/shop';
import { LeaveGuard } from '../../components/Unsaved';
import { focusFirst } from '../../lib/focus';
import { counted } from '../../lib/rates';
import { fill, words } from '../../words';
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
  const place = useRef<HTMLFormElement>(null);
  const [before] = useState(start);
  const [draft, setDraft] = useState(start);
  const [touched, setTouched] = useState<ReadonlySet<string>>(new Set());
  const [hasTried, setTried] = useState(false);
  const [wants, want] = useState(false);
  const body = bodyOf(draft, currency);
  const preview = usePreview(body);
  // A refusal is about what was sent: once the draft is another, it may well be taken.
  const text = JSON.stringify(body);
  const [sent, send] = useState('');
  const stands = sent === text ? refusal : null;
  const problems = problemsOf(preview.data, [preview.error, stands]);
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
    want(true);
  };
  // What was typed a moment ago is looked at by the server first; then it is saved, or the first wrong field has the focus.
  useEffect(() => {
    if (!wants || !(preview.isOfNow || preview.error)) return;
    want(false);
    if (problems.size > 0) focusFirst(place.current, (name) => problems.has(name));
    else if (preview.isOfNow) {
      send(text);
      save(body);
    }
  }, [wants, preview.isOfNow, preview.error, problems, save, body, text]);
  useEffect(() => {
    const field = refusal ? fromThrown(refusal).field : undefined;
    if (field) focusFirst(place.current, (name) => name === field);
  }, [refusal]);
  const isDirty = JSON.stringify(draft) !== JSON.stringify(before);
  const unplaced = [preview.error, stands].filter(Boolean).map(fromThrown).filter(({ field }) => !field);
  return (
    <FormContext value={form}>
      <LeaveGuard when={isDirty} />
      <form
        ref={place}
        className="edit"
        data-save-bar
        data-discard-confirmation
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          press();
        }}
        onReset={(event) => {
          event.preventDefault();
          setDraft(before);
          setTried(false);
          setTouched(new Set());
        }}
      >
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
                {fill(words.policyForm.wrong, { fields: counted(problems.size, words.counts.field) })}
              </span>
            )}
          </div>
        </div>
        <div className="edit-side">
          <Bubble preview={preview.data} isFresh={preview.isOfNow} />
        </div>
      </form>
    </FormContext>
  );
};
