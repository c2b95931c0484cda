// Deliveries that were set aside: what each was about, why it could not be read, and another try.
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { useDeadDeliveries, useReplay } from './queries';

export const Deliveries = () => {
  const { time_zone: zone } = useShop();
  const dead = useDeadDeliveries();
  const replay = useReplay();
  const rows = dead.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <s-section heading={words.shop.setAside}>
      <Loaded of={dead} lines={2}>
        {() =>
          rows.length === 0 ? (
            <p>
              <i className="dot dot-good" aria-hidden="true" />{' '}{words.shop.noneSetAside}
            </p>
          ) : (
            <>
              <p className="quiet small">
                {fill(words.shop.unread, { deliveries: counted(rows.length, words.counts.delivery) })}
              </p>
              {replay.error && <s-banner tone="critical">{words.shop.notAsked}</s-banner>}
              <s-table>
                <s-table-header-row>
                  <s-table-header listSlot="primary">{words.shop.about}</s-table-header>
                  <s-table-header>{words.shop.received}</s-table-header>
                  <s-table-header>{words.order.why}</s-table-header>
                  <s-table-header>{words.shop.again}</s-table-header>
                </s-table-header-row>
                <s-table-body>
                  {rows.map((row) => (
                    <s-table-row key={`${row.source}/${row.delivery_id}`}>
                      <s-table-cell>{row.topic}</s-table-cell>
                      <s-table-cell>
                        <span className="quiet">{formatMoment(row.received_at, zone)}</span>
                      </s-table-cell>
                      <s-table-cell>{row.reason ? told(row.reason, zone) : words.shop.noReason}</s-table-cell>
                      <s-table-cell>
                        <s-button
                          loading={replay.isPending && replay.variables?.delivery_id === row.delivery_id}
                          onClick={() => replay.mutate(row)}
                          accessibilityLabel={fill(words.shop.tryOf, { topic: row.topic, received_at: formatMoment(row.received_at, zone) })}
                        >
                          {words.parts.again}
                        </s-button>
                      </s-table-cell>
                    </s-table-row>
                  ))}
                </s-table-body>
              </s-table>
              {dead.hasNextPage && (
                <div>
                  <s-button loading={dead.isFetchingNextPage} onClick={() => void dead.fetchNextPage()}>
                    {words.common.showMore}
                  </s-button>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </s-section>
  );
};
