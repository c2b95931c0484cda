// Checkouts whose shoppers went away: what each is worth, whether somebody was written to, and what became of it.
import { useSearchParams } from 'react-router';
import { Empty, Loaded } from '../../components/page-states';
import { CheckoutTable } from './CheckoutTable';
import { type Choice, useCheckouts } from './queries';
import { CHOICES } from './words';
import './checkouts.css';

const IDS = Object.keys(CHOICES) as Choice[];

export const Checkouts = () => {
  const [params, setParams] = useSearchParams();
  const state = IDS.find((id) => id === params.get('state')) ?? 'abandoned';
  const checkouts = useCheckouts(state);
  const rows = checkouts.data?.pages.flatMap((page) => page.checkouts) ?? [];
  return (
    <s-page heading="Abandoned checkouts">
      <div className="stack">
        <div className="checkouts-show">
          <s-select
            label="Show"
            labelAccessibilityVisibility="exclusive"
            value={state}
            onChange={(event) => setParams({ state: event.currentTarget.value })}
          >
            {IDS.map((id) => (
              <s-option key={id} value={id}>
                {CHOICES[id].name}
              </s-option>
            ))}
          </s-select>
        </div>
        <Loaded of={checkouts} lines={9}>
          {() => (
            <s-section accessibilityLabel="Abandoned checkouts" padding={rows.length > 0 ? 'none' : 'base'}>
              {rows.length === 0 ? (
                <Empty title={CHOICES[state].none}>
                  A checkout counts as abandoned once nobody has worked on it for an hour, or for as long as your campaign says, and a phone is known.
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
