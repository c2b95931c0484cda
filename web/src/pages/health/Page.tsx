// How it goes: first whether anything needs the merchant, then source by source, gap by gap, pool by pool, and what failed.
import type { Health as Answer } from '../../api/types';
import { Empty, Loaded } from '../../components/page-states';
import { words } from '../../words';
import { FailedJobs } from './FailedJobs';
import { Gaps } from './Gaps';
import { Pools } from './Pools';
import { useHealth } from './queries';
import { Sources } from './Sources';
import './health.css';

const Standing = ({ standing }: { standing: Answer['standing'] }) => {
  if (standing === 'well') {
    return (
      <s-section accessibilityLabel={words.health.well}>
        <Empty title={words.health.well}>{words.health.wellText}</Empty>
      </s-section>
    );
  }
  const needsLook = standing === 'attention';
  return (
    <s-banner tone={needsLook ? 'warning' : 'info'} heading={needsLook ? words.health.attention : words.health.waiting}>
      <p>{needsLook ? words.health.attentionText : words.health.waitingText}</p>
    </s-banner>
  );
};

export const Health = () => {
  const health = useHealth();
  return (
    <s-page heading={words.shell.health}>
      <Loaded of={health} lines={8}>
        {({ standing, sources, gaps, pools, failed_jobs: failed }) => (
          <>
            <Standing standing={standing} />
            <FailedJobs jobs={failed} seenAt={new Date(health.dataUpdatedAt).toISOString()} />
            <Sources sources={sources} />
            <Gaps gaps={gaps} />
            <Pools pools={pools} />
          </>
        )}
      </Loaded>
    </s-page>
  );
};
