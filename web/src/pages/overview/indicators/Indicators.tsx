// The indicators of these days: of all campaigns or of some, whole or in parts. What was chosen stands in the address.
import { lazy, Suspense } from 'react';
import type { KpiGroup, Summary } from '../../../api/types';
import { useFilters } from '../../../components/list/useFilters';
import { Loaded, Skeleton } from '../../../components/page-states';
import type { PeriodChoice } from '../../../components/period/usePeriod';
import { fill, words } from '../../../words';
import { useKpis, useParts } from '../queries';
import { Kpis } from './Kpis';
import { type By, waysOf } from './parts';

const Parts = lazy(() => import('./Parts').then(({ Parts }) => ({ default: Parts })));

const ONLY = ['template', 'step'] as const;

export const Indicators = ({ campaigns, period }: { campaigns: Summary['campaigns']; period: PeriodChoice }) => {
  const { get, set } = useFilters();
  const only = { campaign: get('campaign'), template: get('template'), step: get('step') };
  const ways = waysOf(only.campaign);
  const by = ways.find((way) => way === get('by'));
  const kpis = useKpis(period, only);
  return (
    <s-section heading={words.kpis.heading}>
      <div className="indicators-choice">
        {campaigns.length > 1 && (
          <s-select label={words.common.campaign} value={only.campaign ?? ''} onChange={(event) => set('campaign', event.currentTarget.value)}>
            <s-option value="">{words.kpis.allCampaigns}</s-option>
            {campaigns.map(({ id, name }) => (
              <s-option key={id} value={id}>
                {name}
              </s-option>
            ))}
          </s-select>
        )}
        <s-select label={words.kpis.divide} value={by ?? ''} onChange={(event) => set('by', event.currentTarget.value)}>
          <s-option value="">{words.kpis.whole}</s-option>
          {ways.map((way) => (
            <s-option key={way} value={way}>
              {words.kpis.ways[way]}
            </s-option>
          ))}
        </s-select>
      </div>
      {ONLY.map((name) => {
        const word = only[name];
        return word === undefined ? null : (
          <p key={name} className="parts-only">
            {fill(words.kpis.only[name], { word: word === '' ? words.kpis.without[name] : word })}
            <s-button variant="tertiary" onClick={() => set(name, '')}>
              {words.kpis.onlyEnd}
            </s-button>
          </p>
        );
      })}
      <Loaded of={kpis} lines={6}>
        {(told) => <Kpis kpis={told.kpis} from={told.before_from} to={told.before_to} />}
      </Loaded>
      {by && <InParts key={by} by={by} period={period} only={only} />}
    </s-section>
  );
};

/** Where a part's name leads: to its campaign, or to these indicators of it alone. */
const hrefOf = (by: By, query: string) => ({ key }: KpiGroup): string | null => {
  if (by === 'campaign') return `/campaigns/${encodeURIComponent(key)}`;
  if (key === '' || (by !== 'template' && by !== 'step')) return null;
  return `/?${query}&by=campaign&${by}=${encodeURIComponent(key)}`;
};

const InParts = ({ by, period, only }: { by: By; period: PeriodChoice; only: Parameters<typeof useKpis>[1] }) => {
  const parts = useParts(period, only, by);
  return (
    <Loaded of={parts} lines={4}>
      {({ pages }) => (
        <Suspense fallback={<Skeleton lines={4} label={words.parts.loading} />}>
          <Parts by={by} kpis={pages[0]?.kpis ?? []} groups={pages.flatMap((page) => page.groups ?? [])} definition={pages[0]?.definition ?? ''} hrefOf={hrefOf(by, period.query)} />
          {parts.hasNextPage && (
            <s-button loading={parts.isFetchingNextPage} onClick={() => void parts.fetchNextPage()}>
              {words.common.showMore}
            </s-button>
          )}
        </Suspense>
      )}
    </Loaded>
  );
};
