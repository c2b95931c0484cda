// Every order of the shop, with the line of the ledger it stands on and the message it goes back to, if any.
import { useSearchParams } from 'react-router';
import type { OrderRow } from '../../api/types';
import { Download } from '../../components/download/Download';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import { LINE_IDS, lineName, LIST_IDS, listName } from '../../lib/words';
import { fill, words } from '../../words';
import { Filters } from './Filters';
import { OrderTable } from './OrderTable';
import { type Line, type Measure, useOrders } from './queries';

const nothing = (line: string | undefined, measure: string | undefined): string => {
  if (measure) return fill(words.orders.noKind, { measure: listName(measure) });
  return line ? fill(words.orders.noLine, { line: lineName(line) }) : words.orders.noneAtAll;
};

const nameOf = (campaign: string, rows: OrderRow[]): string =>
  rows.find((row) => row.campaign?.id === campaign)?.campaign?.name ?? words.orders.oneCampaign;

export const Orders = () => {
  const [params, setParams] = useSearchParams();
  const period = usePeriod();
  const line = LINE_IDS.find((id) => id === params.get('line')) as Line | undefined;
  const measure = LIST_IDS.find((id) => id === params.get('measure')) as Measure | undefined;
  const campaign = params.get('campaign') ?? undefined;
  const orders = useOrders({ from: period.from, to: period.to, measure, line, campaign });
  const rows = orders.data?.pages.flatMap((page) => page.orders) ?? [];

  const total = orders.data?.pages[0]?.total ?? undefined;

  const change = (keys: string[], entries: [string, string][]): void =>
    setParams((before) => {
      const next = new URLSearchParams(before);
      keys.forEach((key) => next.delete(key));
      entries.forEach(([key, value]) => next.set(key, value));
      return next;
    });
  const choose = (chosen: string): void => {
    const [key, value] = chosen.split(':');
    change(['line', 'measure'], key && value ? [[key, value]] : []);
  };

  return (
    <s-page heading={words.shell.orders}>
      <div className="stack">
        <div className="toolbar">
          <PeriodPicker period={period} />
          <Filters
            chosen={measure ? `measure:${measure}` : line ? `line:${line}` : ''}
            choose={choose}
            campaign={campaign === undefined ? null : nameOf(campaign, rows)}
            dropCampaign={() => change(['campaign'], [])}
          />
          <Download
            tables={['orders', 'restatements']}
            from={period.from}
            to={period.to}
            campaign={campaign}
            note={line || measure ? words.download.notNarrowed : undefined}
          />
        </div>
        <Loaded of={orders} lines={9}>
          {() => (
            <s-section accessibilityLabel={words.shell.orders} padding={rows.length > 0 ? 'none' : 'base'}>
              {rows.length === 0 ? (
                <Empty title={nothing(line, measure)}>{words.orders.emptyText}</Empty>
              ) : (
                <OrderTable
                  rows={rows}
                  total={total}
                  hasMore={orders.hasNextPage}
                  isFetching={orders.isFetchingNextPage}
                  more={() => void orders.fetchNextPage()}
                />
              )}
            </s-section>
          )}
        </Loaded>
        <p className="quiet small">
          <s-link href={`/agreement?${period.query}`}>{words.agreement.compare}</s-link>
        </p>
      </div>
    </s-page>
  );
};
