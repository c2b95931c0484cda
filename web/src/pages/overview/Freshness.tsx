// How far these numbers can be trusted in time, and by which rules they were made.
import type { Summary } from '../../api/types';
import { formatInstant } from '../../lib/dates';
import { modelName } from '../../lib/words';

export const Freshness = ({ summary }: { summary: Summary }) => {
  const { complete_through: complete, heard_through: heard, time_zone: zone } = summary;
  return (
    <footer className="freshness small quiet">
      <p>
        {complete ? (
          <>
            <i className="dot dot-good" aria-hidden="true" /> Complete through <b>{formatInstant(complete, zone)}</b>
          </>
        ) : (
          <>
            <i className="dot" aria-hidden="true" /> Not yet checked against Shopify’s own order list
          </>
        )}
        {heard && <> · last heard from Shopify {formatInstant(heard, zone)}</>} · times in {zone.replaceAll('_', ' ')}
      </p>
      <p>
        Rules “{summary.policy}”, version {summary.policy_version} · credit goes to: {modelName(summary.model).toLowerCase()}. Models share
        credit; none of them proves cause.
      </p>
    </footer>
  );
};
