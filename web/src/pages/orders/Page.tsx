// Every order of the shop, with the line of the ledger it stands on and the message it goes back to, if any.
import { useSearchParams } from 'react-router';
import type { OrderRow } from '../../api/types';
import { Empty, Loaded } from '../../components/faces';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { LINE_IDS, lineName } from '../../lib/words';
import { Filters } from './Filters';
import { OrderTable } from './OrderTable';
import { type Line, useOrders } from './queries';

const nothing = (line: string | undefined): string =>
  line ? `No order on the line “${lineName(line)}” in these days` : 'No orders in these days';

const nameOf = (campaign: string, rows: OrderRow[]): string =>
  rows.find((row) => row.campaign?.id === campaign)?.campaign?.name ?? 'one campaign';

export const Orders = () => {
  const [params, setParams] = useSearchParams();
  const period = usePeriod();
  const asked = params.get('line') ?? undefined;
  const line = LINE_IDS.find((id) => id === asked) as Line | undefined;
  const campaign = params.get('campaign') ?? undefined;
  const orders = useOrders({ from: period.from, to: period.to, line, campaign });
  const rows = orders.data?.pages.flatMap((page) => page.orders) ?? [];

  const set = (key: string, value: string): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value) next.set(key, value);
      else next.delete(key);
      return next;
    });

  return (
    <s-page heading="Orders">
      <div className="stack">
        <div className="toolbar">
          <PeriodPicker period={period} />
          <Filters
            line={line ?? ''}
            chooseLine={(value) => set('line', value)}
            campaign={campaign === undefined ? null : nameOf(campaign, rows)}
            dropCampaign={() => set('campaign', '')}
          />
        </div>
        <Loaded of={orders} lines={9}>
          {() => (
            <s-section accessibilityLabel="Orders" padding={rows.length > 0 ? 'none' : 'base'}>
              {rows.length === 0 ? (
                <Empty title={nothing(line)}>Choose more days or another line. New orders appear here moments after they are placed.</Empty>
              ) : (
                <OrderTable
                  rows={rows}
                  hasMore={orders.hasNextPage}
                  isFetching={orders.isFetchingNextPage}
                  more={() => void orders.fetchNextPage()}
                />
              )}
            </s-section>
          )}
        </Loaded>
      </div>
    </s-page>
  );
};
