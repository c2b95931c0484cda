// Unsaved work is never lost without a word: leaving the page asks first, by link, by the way back, and by closing the tab.
// A form that has been saved navigates with `SAVED`, which asks nothing and lets the next page say so.
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { type Location, useBlocker, useLocation, useNavigate } from 'react-router';
import { words } from '../words';
import { Confirm } from './Confirm';

export const SAVED = { state: { saved: true } } as const;

const isSaved = (location: Location): boolean => (location.state as { saved?: boolean } | null)?.saved === true;

interface Question {
  heading: string;
  text: string;
  action: string;
}

export const UNSAVED = (): Question & { dismiss: string } => ({
  heading: words.parts.leave,
  text: words.parts.leaveText,
  action: words.parts.leaveAction,
  dismiss: words.parts.stay,
});

// A router asks one blocker only, and a page may have several forms: they enter their questions here, and the shell asks the latest.
let open: readonly { by: symbol; question: Question }[] = [];
const listeners = new Set<() => void>();
const change = (next: typeof open): void => {
  open = next;
  listeners.forEach((hear) => hear());
};
const subscribe = (hear: () => void): (() => void) => {
  listeners.add(hear);
  return () => listeners.delete(hear);
};

/** While `when` holds, leaving the page is asked about. */
export const LeaveGuard = ({ when, heading = UNSAVED().heading, text = UNSAVED().text, action = UNSAVED().action }: Partial<Question> & { when: boolean }) => {
  useEffect(() => {
    if (!when) return;
    const by = Symbol('guard');
    change([...open, { by, question: { heading, text, action } }]);
    return () => change(open.filter((one) => one.by !== by));
  }, [when, heading, text, action]);
  return null;
};

/** Asks; stands once, in the shell. */
export const AskBeforeLeaving = () => {
  const question = useSyncExternalStore(subscribe, () => open.at(-1)?.question ?? null);
  const asks = question !== null;
  const shouldBlock = useCallback(
    ({ currentLocation: here, nextLocation: next }: { currentLocation: Location; nextLocation: Location }) =>
      open.length > 0 && !isSaved(next) && here.pathname !== next.pathname,
    [],
  );
  const blocker = useBlocker(shouldBlock);

  useEffect(() => {
    if (!asks) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [asks]);

  // What was asked about was saved while the question stood.
  useEffect(() => {
    if (blocker.state === 'blocked' && !asks) blocker.proceed();
  }, [blocker, asks]);

  if (blocker.state !== 'blocked' || !question) return null;
  const { heading, text, action } = question;
  return (
    <Confirm heading={heading} action={action} dismiss={UNSAVED().dismiss} critical isPending={false} error={null} onClose={() => blocker.reset()} onConfirm={() => blocker.proceed()}>
      <p>{text}</p>
    </Confirm>
  );
};

/** "Saved", on the page that a saved form led to: said once, and gone after a reload. */
export const SavedNote = () => {
  const location = useLocation();
  const navigate = useNavigate();
  const [said, say] = useState(false);
  const hasNews = isSaved(location);
  useEffect(() => {
    if (!hasNews) return;
    say(true);
    void navigate(location.pathname + location.search, { replace: true, state: null });
  }, [hasNews, location.pathname, location.search, navigate]);
  return (
    <div role="status">
      {said && <s-banner tone="success">{words.common.saved}</s-banner>}
    </div>
  );
};
