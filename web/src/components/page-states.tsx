// The three states every page has beside its full one: still loading, failed, nothing there.
import type { ReactNode } from 'react';
import { fromThrown } from '../api/problem';
import { words } from '../words';
import './page-states.css';

export const Skeleton = ({ lines = 4, label = words.parts.loading }: { lines?: number; label?: string }) => (
  <div className="skeleton" role="status" aria-busy="true">
    <span className="hidden">{label}…</span>
    {Array.from({ length: lines }, (_, index) => (
      <i key={index} aria-hidden="true" />
    ))}
  </div>
);

export const Failed = ({ error, retry }: { error: unknown; retry: () => unknown }) => {
  const problem = fromThrown(error);
  return (
    <s-banner tone="critical" heading={problem.title}>
      <p>{problem.detail}</p>
      {problem.requestId && (
        <p className="failed-id small">
          {words.parts.requestId}{' '}<span className="mono">{problem.requestId}</span>
        </p>
      )}
      <s-button slot="secondary-actions" onClick={() => void retry()}>
        {words.parts.again}
      </s-button>
    </s-banner>
  );
};

export const Empty = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className="empty">
    <svg width="56" height="56" viewBox="0 0 56 56" fill="none" aria-hidden="true">
      <circle cx="28" cy="28" r="27" fill="var(--tint)" />
      <path d="M17 33l7-8 6 5 9-11" stroke="var(--attributed)" strokeWidth="2.5" strokeLinecap="round" strokeLinejoin="round" />
      <path d="M17 39h22" stroke="var(--bar-quiet)" strokeWidth="2.5" strokeLinecap="round" />
    </svg>
    <strong>{title}</strong>
    <p className="quiet">{children}</p>
  </div>
);

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPlaceholderData?: boolean;
  refetch: () => unknown;
}

/**
 * One answer with its loading and failed face. What was already answered
 * stays in sight: dimmed while newer numbers are on their way, below the banner when those could not come.
 */
export const Loaded = <T,>({ of, lines, children }: { of: Asked<T>; lines?: number; children: (data: T) => ReactNode }) => {
  const failed = of.error ? <Failed error={of.error} retry={of.refetch} /> : null;
  if (of.data === undefined) return failed ?? <Skeleton lines={lines} />;
  return (
    <div className={of.isPlaceholderData ? 'stack stale' : 'stack'} aria-busy={of.isPlaceholderData ?? false}>
      {failed}
      {children(of.data)}
    </div>
  );
};
