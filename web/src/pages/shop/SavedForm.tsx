// A form of settings: it asks before what was changed in it is left, goes to the field the server refused, and says that it was saved.
// A refusal of one of its fields stands at the field, which the form's own page puts there; any other stands above the button.
import { useEffect, useRef, type ReactNode } from 'react';
import { fromThrown, type Problem } from '../../api/problem';
import { LeaveGuard } from '../../components/Unsaved';
import { focusFirst } from '../../lib/focus';
import { words } from '../../words';

/** What saving came to. */
interface Saving {
  error: Error | null;
  isPending: boolean;
  isSuccess: boolean;
  reset: () => void;
}

export const refusalOf = ({ error }: Pick<Saving, 'error'>): Problem | undefined => (error ? fromThrown(error) : undefined);

/** Why a field was refused, below it. */
export const Wrong = ({ saving, field, text }: { saving: Saving; field: string; text?: string }) => {
  const refused = refusalOf(saving);
  return refused?.field === field ? <span className="shop-wrong">{text ?? refused.detail}</span> : null;
};

interface Props {
  saving: Saving;
  isDirty: boolean;
  submit: () => void;
  /** Puts back what is saved. */
  undo: () => void;
  action: string;
  /** Whether a field of this name stands for the one that was refused. */
  isOf?: (name: string, refused: string) => boolean;
  /** More to press, before the button that saves. */
  besides?: ReactNode;
  children: ReactNode;
}

const isSame = (name: string, refused: string): boolean => name === refused;

export const SavedForm = ({ saving, isDirty, submit, undo, action, isOf = isSame, besides, children }: Props) => {
  const place = useRef<HTMLFormElement>(null);
  const refused = refusalOf(saving);
  useEffect(() => {
    const field = refusalOf(saving)?.field;
    if (field) focusFirst(place.current, (name) => isOf(name, field));
    // The form is asked once for each refusal, not for each drawing.
  }, [saving.error]);
  return (
    <form
      ref={place}
      className="shop-add"
      data-save-bar
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onReset={(event) => {
        event.preventDefault();
        undo();
        saving.reset();
      }}
    >
      <LeaveGuard when={isDirty} />
      {children}
      {refused && !refused.field && <s-banner tone="critical">{refused.detail}</s-banner>}
      <div>
        {besides}
        <s-button variant="primary" loading={saving.isPending} onClick={() => place.current?.requestSubmit()}>
          {action}
        </s-button>{' '}
        <span role="status" className="small">
          {saving.isSuccess && !isDirty && words.common.saved}
        </span>
      </div>
    </form>
  );
};
