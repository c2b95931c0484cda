// Every message of the chosen days: what became of them all, and each with its code, its taps, its order and its recipient's life.
import type { MessageStanding, MessageSums } from '../../api/types';
import { useShop } from '../../app/shop';
import { CampaignSelect } from '../../components/list/CampaignSelect';
import { Sums, type Rate } from '../../components/list/Sums';
import { useFilters } from '../../components/list/useFilters';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { formatInstant } from '../../lib/dates';
import { formatCount } from '../../lib/rates';
import { fill, words } from '../../words';
import { MessageTable } from './MessageTable';
import { useMessages } from './queries';

const STATES = ['under_way', 'delivered', 'read', 'failed'] as const satisfies MessageStanding[];

const ratesOf = (total: MessageSums): Rate[] => {
  const of = words.kpis.of;
  return [
    { key: 'delivery', name: of.delivery_rate.title, definition: `${of.delivery_rate.definition} ${of.delivery_rate.note}`, of: total.delivery },
    { key: 'reading', name: of.read_rate.title, definition: `${of.read_rate.definition} ${of.read_rate.note}`, of: total.reading },
    { key: 'tapping', name: of.click_through.title, definition: `${of.click_through.definition} ${of.click_through.note}`, of: total.tapping },
    { key: 'ordering', name: of.conversion_rate.title, definition: `${of.conversion_rate.definition} ${of.conversion_rate.note}`, of: total.ordering },
  ];
};

export const Messages = () => {
  const { time_zone: zone } = useShop();
  const period = usePeriod();
  const filters = useFilters();
  const state = STATES.find((one) => one === filters.get('state'));
  const campaign = filters.get('campaign');
  const messages = useMessages({ from: period.from, to: period.to, campaign, state });
  const rows = messages.data?.pages.flatMap((page) => page.messages) ?? [];
  const [first] = messages.data?.pages ?? [];
  const total = first?.total;
  return (
    <s-page heading={words.shell.messages}>
      <div className="stack">
        <div className="list-bar">
          <PeriodPicker period={period} />
          <div className="list-filters">
            <CampaignSelect value={campaign ?? ''} choose={(id) => filters.set('campaign', id)} name={rows[0]?.campaign.name} />
            <s-select label={words.messages.state} labelAccessibilityVisibility="exclusive" value={state ?? ''} onChange={(event) => filters.set('state', event.currentTarget.value)}>
              <s-option value="">{words.messages.all}</s-option>
              {STATES.map((one) => (
                <s-option key={one} value={one}>
                  {words.messages.states[one]}
                </s-option>
              ))}
            </s-select>
          </div>
        </div>
        <Loaded of={messages} lines={9}>
          {() => (
            <>
              {total && (
                <Sums
                  label={words.messages.sums}
                  tiles={[{ key: 'issued', name: words.messages.issued, value: formatCount(total.issued) }, ...STATES.map((one) => ({ key: one, name: words.messages.states[one], value: formatCount(total[one]) }))]}
                  rates={ratesOf(total)}
                >
                  <p className="quiet small sums-note">
                    {words.messages.counted}
                    {first?.complete_through && ` ${fill(words.list.complete, { complete: formatInstant(first.complete_through, zone) })}`}
                  </p>
                </Sums>
              )}
              <s-section accessibilityLabel={words.shell.messages} padding={rows.length > 0 ? 'none' : 'base'}>
                {rows.length === 0 ? (
                  <Empty title={state ? words.messages.noneSuch : words.messages.none}>{words.messages.noneText}</Empty>
                ) : (
                  <MessageTable rows={rows} hasMore={messages.hasNextPage} isFetching={messages.isFetchingNextPage} more={() => void messages.fetchNextPage()} />
                )}
              </s-section>
            </>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};
