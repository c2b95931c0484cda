// The programme holdout: a share of everybody whom no campaign writes to, begun, changed and ended here.
import { useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { Programs } from '../../api/types';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { Planner } from '../../components/planner/Planner';
import { formatInstant } from '../../lib/dates';
import { formatShare } from '../../lib/rates';
import { fill, words } from '../../words';
import { useChangeProgram } from './queries';

const Running = ({ programs: { running } }: { programs: Programs }) => {
  const { time_zone: zone } = useShop();
  const change = useChangeProgram();
  const [asks, ask] = useState(false);
  if (!running) return null;
  return (
    <>
      <p>{fill(words.lift.programme.running, { share: formatShare(running.share), began: formatInstant(running.began_at, zone) })}</p>
      <div>
        <s-button tone="critical" onClick={() => ask(true)}>
          {words.lift.programme.end}
        </s-button>
      </div>
      {asks && (
        <Confirm
          heading={words.lift.programme.endQuestion}
          action={words.lift.programme.end}
          isPending={change.isPending}
          error={change.error}
          onClose={() => ask(false)}
          onConfirm={() => change.mutate(0, { onSuccess: () => ask(false) })}
        >
          <p>{words.lift.programme.endText}</p>
        </Confirm>
      )}
    </>
  );
};

const Begin = () => {
  const change = useChangeProgram();
  const [share, choose] = useState(0.1);
  return (
    <>
      <p>{words.lift.programme.what}</p>
      <Planner share={share} choose={choose} />
      <div className="lift-begin">
        <s-button variant="primary" loading={change.isPending} onClick={() => change.mutate(share)}>
          {fill(words.lift.programme.begin, { share: formatShare(share) })}
        </s-button>
        <span className="quiet small">{words.lift.programme.beginNote}</span>
      </div>
      {change.error && <s-banner tone="critical">{fromThrown(change.error).detail}</s-banner>}
    </>
  );
};

export const Programme = ({ programs }: { programs: Programs }) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.lift.programme.heading}>
      <div className="stack">
        {programs.running ? <Running programs={programs} /> : <Begin />}
        {programs.ended.length > 0 && (
          <ul className="lift-ended small">
            {programs.ended.map(({ id, share, began_at: began, ended_at: ended }) => (
              <li key={id}>
                <s-link href={`/lift?program=${encodeURIComponent(id)}`}>
                  {fill(words.lift.programme.ended, { share: formatShare(share), began: formatInstant(began, zone), ended: formatInstant(ended ?? began, zone) })}
                </s-link>
              </li>
            ))}
          </ul>
        )}
      </div>
    </s-section>
  );
};
