// Checkouts whose shoppers went away: what each is worth, whether somebody was written to, and what became of it.
import { useFilters } from '../../components/list/useFilters';
import { Empty, Loaded } from '../../components/page-states';
import { words } from '../../words';
import { CheckoutTable } from './CheckoutTable';
import { type Choice, useCheckouts } from './queries';
import { Whole } from './Whole';
import { choices } from './words';
import './checkouts.css';

const IDS = Object.keys(choices()) as Choice[];

export const Checkouts = () => {
  const filters = useFilters();
  const state = IDS.find((id) => id === filters.get('state')) ?? 'abandoned';
  const checkouts = useCheckouts(state);
  const rows = checkouts.data?.pages.flatMap((page) => page.checkouts) ?? [];
  return (
    <s-page heading={words.checkouts.title}>
      <div className="stack">
        <Whole />
        <div className="checkouts-show">
          <s-select
            label={words.orders.show}
            labelAccessibilityVisibility="exclusive"
            value={state}
            onChange={(event) => filters.set('state', event.currentTarget.value)}
          >
            {IDS.map((id) => (
              <s-option key={id} value={id}>
                {choices()[id].name}
              </s-option>
            ))}
          </s-select>
        </div>
        <Loaded of={checkouts} lines={9}>
          {() => (
            <s-section accessibilityLabel={words.checkouts.title} padding={rows.length > 0 ? 'none' : 'base'}>
              {rows.length === 0 ? (
                <Empty title={choices()[state].none}>
                  {words.checkouts.emptyText}
                </Empty>
              ) : (
                <CheckoutTable
                  rows={rows}
                  hasMore={checkouts.hasNextPage}
                  isFetching={checkouts.isFetchingNextPage}
                  more={() => void checkouts.fetchNextPage()}
                />
              )}
            </s-section>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};
