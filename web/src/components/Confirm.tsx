// A question before something that cannot be taken back: says what will happen, and stays open with the reason when the server
// refuses.
import { useEffect, useRef, type ReactNode } from 'react';
import { fromThrown } from '../api/problem';
import { words } from '../words';

/** What Polaris's dialog and our fallback can do. */
interface Overlay extends HTMLElement {
  showOverlay?: () => void;
  hideOverlay?: () => void;
}

interface Props {
  heading: string;
  /** What the button says: the deed itself, never "OK". */
  action: string;
  /** The way out. */
  dismiss?: string;
  critical?: boolean;
  isPending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
}

export const Confirm = ({ heading, action, dismiss = words.common.cancel, critical = false, isPending, error, onConfirm, onClose, children }: Props) => {
  const dialog = useRef<Overlay>(null);
  useEffect(() => {
    const overlay = dialog.current;
    overlay?.showOverlay?.();
    return () => overlay?.hideOverlay?.();
  }, []);
  return (
    <s-modal ref={dialog as never} heading={heading} onHide={onClose}>
      <div className="stack">
        {children}
        {error !== null && error !== undefined && (
          <s-banner tone="critical" heading={words.parts.unchanged}>
            {fromThrown(error).detail}
          </s-banner>
        )}
      </div>
      <s-button slot="secondary-actions" onClick={onClose}>
        {dismiss}
      </s-button>
      <s-button slot="primary-action" variant="primary" tone={critical ? 'critical' : 'auto'} loading={isPending} onClick={onConfirm}>
        {action}
      </s-button>
    </s-modal>
  );
};
