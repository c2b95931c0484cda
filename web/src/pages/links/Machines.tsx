// Why hits were not counted: one bar per reason, and the reason in a sentence.
import type { HitCounts } from '../../api/types';
import { counted, formatCount } from '../../lib/rates';
import { reasonName } from '../../lib/words';
import { fill, said, words } from '../../words';

export const Machines = ({ total }: { total: HitCounts }) => {
  const most = Math.max(1, ...total.machines.map(({ hits }) => hits));
  return (
    <s-section heading={words.links.notCounted}>
      {total.machines.length === 0 ? (
        <p className="quiet">{words.links.allPeople}</p>
      ) : (
        <ul className="links-reasons">
          {total.machines.map(({ reason, sentence, hits }) => (
            <li key={reason}>
              <span className="links-reason-name">{reasonName(reason)}</span>
              <b className="amount">{formatCount(hits)}</b>
              <span className="links-bar" aria-hidden="true">
                <i style={{ width: `${(hits / most) * 100}%` }} />
              </span>
              <span className="quiet small links-why">{said(sentence)}</span>
            </li>
          ))}
        </ul>
      )}
      {total.heads > 0 && (
        <p className="quiet small links-foot">
          {fill(words.links.heads, { times: counted(total.heads, words.counts.time) })}
        </p>
      )}
    </s-section>
  );
};
