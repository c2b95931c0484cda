// How far these numbers can be trusted in time, and by which rules they were made.
import type { Summary } from '../../api/types';
import { formatInstant } from '../../lib/dates';
import { inSentence } from '../../lib/locale';
import { modelName } from '../../lib/words';
import { fill, words } from '../../words';

export const Freshness = ({ summary }: { summary: Summary }) => {
  const { complete_through: complete, heard_through: heard, time_zone: zone } = summary;
  return (
    <footer className="freshness small quiet">
      <p>
        {complete ? (
          <>
            <i className="dot dot-good" aria-hidden="true" />{' '}{words.overview.complete}{' '}<b>{formatInstant(complete, zone)}</b>
          </>
        ) : (
          <>
            <i className="dot" aria-hidden="true" />{' '}{words.overview.unchecked}
          </>
        )}
        {heard && <>{fill(words.overview.heard, { heard: formatInstant(heard, zone) })}</>}{' '}{fill(words.overview.times, { zone: zone.replaceAll('_', ' ') })}
      </p>
      <p>
        {fill(words.overview.rules, { policy: summary.policy, policy_version: summary.policy_version, model: inSentence(modelName(summary.model)) })}
      </p>
    </footer>
  );
};
