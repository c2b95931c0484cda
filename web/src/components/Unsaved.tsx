// Unsaved work is never lost without a word: leaving the page asks first, by link, by the way back, and by closing the tab.
// A form that has been saved navigates with `SAVED`, which asks nothing and lets the next page say so.
import { useCallback, useEffect, useState } from 'react';
import { type Location, useBlocker, useLocation, useNavigate } from 'react-router';
import { Confirm } from './Confirm';

export const SAVED = { state: { saved: true } } as const;

const isSaved = (location: Location): boolean => (location.state as { saved?: boolean } | null)?.saved === true;

interface Props {
  when: boolean;
  heading?: string;
  text?: string;
  action?: string;
}

export const LeaveGuard = ({
  when,
  heading = 'Leave without saving?',
  text = 'What you changed here is not saved yet, and would be lost.',
  action = 'Leave without saving',
}: Props) => {
  const shouldBlock = useCallback(
    ({ currentLocation: here, nextLocation: next }: { currentLocation: Location; nextLocation: Location }) =>
      when && !isSaved(next) && here.pathname !== next.pathname,
    [when],
  );
  const blocker = useBlocker(shouldBlock);

  useEffect(() => {
    if (!when) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [when]);

  if (blocker.state !== 'blocked') return null;
  return (
    <Confirm heading={heading} action={action} dismiss="Stay here" critical isPending={false} error={null} onClose={() => blocker.reset()} onConfirm={() => blocker.proceed()}>
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
      {said && <s-banner tone="success">Saved.</s-banner>}
    </div>
  );
};
