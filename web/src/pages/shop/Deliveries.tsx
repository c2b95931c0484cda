// Deliveries that were set aside: what each was about, why it could not be read, and another try.
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { useDeadDeliveries, useReplay } from './queries';

export const Deliveries = () => {
  const { time_zone: zone } = useShop();
  const dead = useDeadDeliveries();
  const replay = useReplay();
  const rows = dead.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <s-section heading="Deliveries set aside">
      <Loaded of={dead} lines={2}>
        {() =>
          rows.length === 0 ? (
            <p>
              <i className="dot dot-good" aria-hidden="true" /> None. Everything Shopify and WhatsApp delivered was read.
            </p>
          ) : (
            <>
              <p className="quiet small">
                {counted(rows.length, 'delivery', 'deliveries')} could not be read. Nothing of them is lost: they are tried again when you ask, or after an
                update.
              </p>
              {replay.error && <s-banner tone="critical">It could not be asked for. Try again in a moment.</s-banner>}
              <s-table>
                <s-table-header-row>
                  <s-table-header listSlot="primary">About</s-table-header>
                  <s-table-header>Received</s-table-header>
                  <s-table-header>Why</s-table-header>
                  <s-table-header>Again</s-table-header>
                </s-table-header-row>
                <s-table-body>
                  {rows.map((row) => (
                    <s-table-row key={`${row.source}/${row.delivery_id}`}>
                      <s-table-cell>{row.topic}</s-table-cell>
                      <s-table-cell>
                        <span className="quiet">{formatMoment(row.received_at, zone)}</span>
                      </s-table-cell>
                      <s-table-cell>{row.reason ? told(row.reason, zone) : 'No reason was kept'}</s-table-cell>
                      <s-table-cell>
                        <s-button
                          loading={replay.isPending && replay.variables?.delivery_id === row.delivery_id}
                          onClick={() => replay.mutate(row)}
                          accessibilityLabel={`Try ${row.topic} of ${formatMoment(row.received_at, zone)} again`}
                        >
                          Try again
                        </s-button>
                      </s-table-cell>
                    </s-table-row>
                  ))}
                </s-table-body>
              </s-table>
              {dead.hasNextPage && (
                <div>
                  <s-button loading={dead.isFetchingNextPage} onClick={() => void dead.fetchNextPage()}>
                    Show more
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
