// What each way of counting looks at and for how long: windows by kinds, a table that is its own picture.
import type { Claims } from '../../api/types';
import { formatSpan } from '../../lib/dates';
import { evidenceName } from '../../lib/words';
import { fill, words } from '../../words';
import { wayName, type Way } from './names';

type Window = Way['windows'][number];

const WEEK = 7 * 86_400;

/** How much of a cell a window fills: by its root, so that twelve hours are seen beside a week. */
const widthOf = ({ window_seconds: seconds, clock }: Window): number => {
  if (seconds == null || clock === 'unlimited' || clock === 'code_life') return 1;
  return Math.min(1, Math.sqrt(seconds / WEEK));
};

const saidOf = ({ kind, window_seconds: seconds, clock, credited }: Window): string => {
  if (seconds == null || clock === 'unlimited') return words.claims.noLimit;
  const span = formatSpan(seconds);
  if (kind === 'redeem_code' && (clock == null || clock === 'code_life')) return fill(words.claims.codeLife, { span });
  if (!credited) return fill(words.claims.told, { span });
  const from = clock == null ? undefined : (words.claims.from as Record<string, string>)[clock];
  return from ? `${span} ${from}` : span;
};

const Cell = ({ window }: { window: Window | undefined }) => {
  if (!window) {
    return (
      <td>
        <span className="hidden">{words.claims.notLooked}</span>
      </td>
    );
  }
  return (
    <td>
      <span className={`claims-window claims-${window.class}${window.credited ? '' : ' claims-told'}`} style={{ width: `${widthOf(window) * 100}%` }} aria-hidden="true" />
      <span className="small">{saidOf(window)}</span>
    </td>
  );
};

export const Windows = ({ claims: { ways, kinds } }: { claims: Claims }) => (
  <s-section heading={words.claims.windows}>
    <p className="quiet small claims-lead">{words.claims.windowsText}</p>
    <div className="scroll" role="group" aria-label={words.claims.windows} tabIndex={0}>
      <table className="claims-table claims-windows">
        <thead>
          <tr>
            <th scope="col">{words.claims.way}</th>
            {kinds.map((kind) => (
              <th key={kind} scope="col">
                {evidenceName(kind)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {ways.map((way) => (
            <tr key={way.policy} className={way.own ? 'claims-own' : undefined}>
              <th scope="row">{wayName(way)}</th>
              {kinds.map((kind) => (
                <Cell key={kind} window={way.windows.find((one) => one.kind === kind)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </s-section>
);
