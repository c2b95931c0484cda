// Every code a recipient was given: what became of them all, and each with its message, its order and its campaign.
import type { CodeStanding } from '../../api/types';
import { useShop } from '../../app/shop';
import { CampaignSelect } from '../../components/list/CampaignSelect';
import { Sums } from '../../components/list/Sums';
import { useFilters } from '../../components/list/useFilters';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { formatInstant } from '../../lib/dates';
import { formatCount } from '../../lib/rates';
import { fill, words } from '../../words';
import { CodeTable } from './CodeTable';
import { useCodes } from './queries';

const STATES = ['pending', 'live', 'redeemed', 'expired', 'revoked'] as const satisfies CodeStanding[];
const SOON = 'ending';
const SOON_HOURS = 48;

export const Codes = () => {
  const { time_zone: zone } = useShop();
  const period = usePeriod();
  const filters = useFilters();
  const chosen = filters.get('state') ?? '';
  const state = STATES.find((one) => one === chosen);
  const campaign = filters.get('campaign');
  const codes = useCodes({ from: period.from, to: period.to, campaign, state, ending_within: chosen === SOON ? SOON_HOURS : undefined });
  const rows = codes.data?.pages.flatMap((page) => page.codes) ?? [];
  const [first] = codes.data?.pages ?? [];
  const total = first?.total;
  return (
    <s-page heading={words.shell.codes}>
      <div className="stack">
        <div className="list-bar">
          <PeriodPicker period={period} />
          <div className="list-filters">
            <CampaignSelect value={campaign ?? ''} choose={(id) => filters.set('campaign', id)} name={rows[0]?.campaign.name} />
            <s-select label={words.codes.state} labelAccessibilityVisibility="exclusive" value={state ?? (chosen === SOON ? SOON : '')} onChange={(event) => filters.set('state', event.currentTarget.value)}>
              <s-option value="">{words.codes.all}</s-option>
              {STATES.map((one) => (
                <s-option key={one} value={one}>
                  {words.codes.states[one]}
                </s-option>
              ))}
              <s-option value={SOON}>{words.codes.endingSoon}</s-option>
            </s-select>
          </div>
        </div>
        <Loaded of={codes} lines={9}>
          {() => (
            <>
              {total && (
                <Sums
                  label={words.codes.sums}
                  tiles={[{ key: 'issued', name: words.codes.issued, value: formatCount(total.issued) }, ...STATES.map((one) => ({ key: one, name: words.codes.states[one], value: formatCount(total[one]) }))]}
                  rates={[{ key: 'redemption', name: words.kpis.of.redemption_rate.title, definition: words.kpis.of.redemption_rate.definition, of: total.redemption }]}
                >
                  <p className="quiet small sums-note">
                    {words.codes.counted}
                    {first?.complete_through && ` ${fill(words.list.complete, { complete: formatInstant(first.complete_through, zone) })}`}
                  </p>
                </Sums>
              )}
              <s-section accessibilityLabel={words.shell.codes} padding={rows.length > 0 ? 'none' : 'base'}>
                {rows.length === 0 ? (
                  <Empty title={chosen === '' ? words.codes.none : words.codes.noneSuch}>{words.codes.noneText}</Empty>
                ) : (
                  <CodeTable rows={rows} hasMore={codes.hasNextPage} isFetching={codes.isFetchingNextPage} more={() => void codes.fetchNextPage()} />
                )}
              </s-section>
            </>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};
