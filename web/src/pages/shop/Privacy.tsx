// What shoppers asked of this shop, where it stands, and by when it must be done; who looked at protected data; what is kept how long.
import type { Access, PrivacyRequest, RetentionClass } from '../../api/types';
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatInstant, formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { useAccessLog, useDownload, usePrivacyRequests, useRetention } from './queries';

const KINDS: Record<PrivacyRequest['kind'], string> = {
  data_request: 'A customer wants to see their data',
  customer_redact: 'A customer is to be forgotten',
  shop_redact: 'The shop is to be forgotten',
};

const left = ({ days_left: days, overdue }: PrivacyRequest): string => {
  if (overdue) return 'overdue';
  if (days === null || days === undefined) return '';
  return days === 0 ? 'due today' : `${counted(days, 'day')} left`;
};

const Request = ({ row, zone }: { row: PrivacyRequest; zone: string }) => {
  const download = useDownload();
  const { export: path } = row;
  return (
    <li className="shop-request">
      <div>
        <strong>{KINDS[row.kind]}</strong>
        <p>{told(row.words, zone)}</p>
        <p className="quiet small">
          Received {formatMoment(row.received_at, zone)}
          {row.done_at ? ` · done ${formatMoment(row.done_at, zone)}` : ` · by ${formatInstant(row.due_at, zone)}`}
        </p>
      </div>
      <div className="shop-request-do">
        {left(row) && <s-badge tone={row.overdue ? 'critical' : 'info'}>{left(row)}</s-badge>}
        {path && (
          <>
            <s-button loading={download.isPending} onClick={() => download.mutate({ path, format: 'text' })}>
              Download to send on
            </s-button>
            <s-button variant="tertiary" onClick={() => download.mutate({ path, format: 'json' })}>
              As JSON
            </s-button>
          </>
        )}
        {download.error && <span className="small">The download failed. Try again.</span>}
      </div>
    </li>
  );
};

const Requests = () => {
  const { time_zone: zone } = useShop();
  const requests = usePrivacyRequests();
  return (
    <Loaded of={requests} lines={2}>
      {({ requests: rows }) =>
        rows.length === 0 ? (
          <p>
            No customer has asked to see or erase their data. When one does, Shopify tells Recoup and the request appears here; erasing is done without
            your help.
          </p>
        ) : (
          <ul className="shop-requests">
            {rows.map((row) => (
              <Request key={row.id} row={row} zone={zone} />
            ))}
          </ul>
        )
      }
    </Loaded>
  );
};

const Readings = () => {
  const { time_zone: zone } = useShop();
  const log = useAccessLog();
  const rows: Access[] = log.data?.pages.flatMap((page) => page.readings) ?? [];
  return (
    <details>
      <summary>Who looked at protected data</summary>
      <Loaded of={log} lines={2}>
        {() =>
          rows.length === 0 ? (
            <p className="quiet">Nobody so far.</p>
          ) : (
            <>
              <ul className="shop-log small">
                {rows.map((row) => (
                  <li key={`${row.at}/${row.field}/${row.record}`}>
                    {formatMoment(row.at, zone)} · {row.who} saw {row.field} of <span className="mono">{row.record}</span>: {row.why}
                  </li>
                ))}
              </ul>
              {log.hasNextPage && (
                <s-button loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                  Show more
                </s-button>
              )}
            </>
          )
        }
      </Loaded>
    </details>
  );
};

const stays = ({ days, since }: RetentionClass): string => {
  if (days === 0) return 'not kept';
  return days === null || days === undefined ? 'as long as Recoup is installed' : `${counted(days, 'day')} from ${since}`;
};

const Kept = () => {
  const retention = useRetention();
  return (
    <details>
      <summary>What is kept, and how long</summary>
      <Loaded of={retention} lines={4}>
        {({ classes }) => (
          <dl className="shop-kept small">
            {classes.map((one) => (
              <div key={one.data}>
                <dt>
                  {one.data}: <b>{stays(one)}</b>
                </dt>
                <dd className="quiet">
                  Then: {one.then}. {one.why}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </Loaded>
    </details>
  );
};

export const Privacy = () => (
  <s-section heading="Privacy">
    <div className="stack">
      <Requests />
      <Readings />
      <Kept />
    </div>
  </s-section>
);
