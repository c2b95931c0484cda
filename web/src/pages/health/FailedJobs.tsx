// Jobs that were given up: what each does, why it failed, and another try. A job leaves the list once it is tried, so what came of
// the try is said by the list and not by its row; the keyboard is led there.
import { useEffect, useRef, useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { FailedJob } from '../../api/types';
import { useShop } from '../../app/shop';
import { Confirm } from '../../components/Confirm';
import { formatAgo, formatInstant, secondsBetween } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';
import { useRetry } from './queries';

/** As many as the server lists. */
const MOST = 100;

export const FailedJobs = ({ jobs, seenAt }: { jobs: FailedJob[]; seenAt: string }) => {
  const { time_zone: zone } = useShop();
  const [asked, ask] = useState<FailedJob | null>(null);
  const [tried, setTried] = useState<FailedJob | null>(null);
  const note = useRef<HTMLParagraphElement>(null);
  const retry = useRetry();
  const isTrying = (job: FailedJob): boolean => retry.isPending && retry.variables.id === job.id;

  useEffect(() => {
    if (tried) note.current?.focus();
  }, [tried]);

  const tryAgain = (job: FailedJob): void => {
    setTried(null);
    retry.mutate(job, {
      onSuccess: () => {
        ask(null);
        setTried(job);
      },
    });
  };
  const open = (job: FailedJob): void => {
    retry.reset();
    ask(job);
  };

  return (
    <s-section heading={words.health.failed}>
      <p role="status" tabIndex={-1} ref={note} className="health-note">
        {tried && fill(words.health.tried, { at: formatInstant(tried.failed_at, zone) })}
      </p>
      {retry.error && !asked && (
        <p role="alert" className="small">
          {fromThrown(retry.error).detail}
        </p>
      )}
      {jobs.length === 0 ? (
        <p className="quiet">{words.health.noFailed}</p>
      ) : (
        <ul className="health-list">
          {jobs.map((job) => (
            <li key={job.id}>
              <p>{told(job.sentence, zone)}</p>
              <s-button
                accessibilityLabel={fill(words.health.tryNamed, { sentence: told(job.sentence, zone) })}
                loading={isTrying(job)}
                disabled={retry.isPending}
                onClick={() => open(job)}
              >
                {words.health.tryAgain}
              </s-button>
              <p className="quiet small">
                {rich(words.health.failedAt, {
                  ago: formatAgo(secondsBetween(job.failed_at, seenAt)),
                  at: formatInstant(job.failed_at, zone),
                  tries: counted(job.attempts, words.counts.try),
                  kind: <span className="mono">{job.kind}</span>,
                })}
              </p>
            </li>
          ))}
        </ul>
      )}
      {jobs.length >= MOST && <p className="quiet small">{words.health.mostFailed}</p>}
      {asked && (
        <Confirm heading={words.health.question} action={words.health.tryAgain} isPending={retry.isPending} error={retry.error} onClose={() => ask(null)} onConfirm={() => tryAgain(asked)}>
          <p className="health-why">{told(asked.sentence, zone)}</p>
          <p>{words.health.questionText}</p>
        </Confirm>
      )}
    </s-section>
  );
};
