// What shoppers asked of this shop, where it stands, and by when it must be done; who looked at protected data; what is kept how long.
import type { Access, PrivacyRequest, RetentionClass } from '../../api/types';
import { useShop } from '../../app/shop';
import { Loaded } from '../../components/page-states';
import { formatInstant, formatMoment } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';
import { useAccessLog, useDownload, usePrivacyRequests, useRetention } from './queries';

const kinds = (): Record<PrivacyRequest['kind'], string> => ({
  data_request: words.shop.dataRequest,
  customer_redact: words.shop.customerRedact,
  shop_redact: words.shop.shopRedact,
});

const left = ({ days_left: days, overdue }: PrivacyRequest): string => {
  if (overdue) return words.shop.overdue;
  if (days === null || days === undefined) return '';
  return days === 0 ? words.shop.dueToday : fill(words.shop.daysLeft, { days: counted(days, words.counts.day) });
};

const Request = ({ row, zone }: { row: PrivacyRequest; zone: string }) => {
  const download = useDownload();
  const { export: path } = row;
  return (
    <li className="shop-request">
      <div>
        <strong>{kinds()[row.kind]}</strong>
        <p>{told(row.words, zone)}</p>
        <p className="quiet small">
          {fill(words.shop.requestLine, { received_at: formatMoment(row.received_at, zone), end: row.done_at ? fill(words.shop.doneAt, { done_at: formatMoment(row.done_at, zone) }) : fill(words.shop.dueAt, { due_at: formatInstant(row.due_at, zone) }) })}
        </p>
      </div>
      <div className="shop-request-do">
        {left(row) && <s-badge tone={row.overdue ? 'critical' : 'info'}>{left(row)}</s-badge>}
        {path && (
          <>
            <s-button loading={download.isPending} onClick={() => download.mutate({ path, format: 'text' })}>
              {words.shop.download}
            </s-button>
            <s-button variant="tertiary" onClick={() => download.mutate({ path, format: 'json' })}>
              {words.shop.asJson}
            </s-button>
          </>
        )}
        {download.error && <span className="small">{words.shop.downloadFailed}</span>}
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
            {words.shop.noRequests}
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
      <summary>{words.shop.whoLooked}</summary>
      <Loaded of={log} lines={2}>
        {() =>
          rows.length === 0 ? (
            <p className="quiet">{words.shop.nobody}</p>
          ) : (
            <>
              <ul className="shop-log small">
                {rows.map((row) => (
                  <li key={`${row.at}/${row.field}/${row.record}`}>
                    {rich(words.shop.reading, { at: formatMoment(row.at, zone), who: said(row.who), field: said(row.field), record: <span className="mono">{row.record}</span>, why: said(row.why) })}
                  </li>
                ))}
              </ul>
              {log.hasNextPage && (
                <s-button loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
                  {words.common.showMore}
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
  if (days === 0) return words.shop.notKept;
  return days === null || days === undefined ? words.shop.whileInstalled : fill(words.shop.daysFrom, { days: counted(days, words.counts.day), since: said(since) });
};

const Kept = () => {
  const retention = useRetention();
  return (
    <details>
      <summary>{words.shop.kept}</summary>
      <Loaded of={retention} lines={4}>
        {({ classes }) => (
          <dl className="shop-kept small">
            {classes.map((one) => (
              <div key={one.data}>
                <dt>
                  {said(one.data)}: <b>{stays(one)}</b>
                </dt>
                <dd className="quiet">
                  {fill(words.shop.then, { then: said(one.then), why: said(one.why) })}
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
  <s-section heading={words.shop.privacy}>
    <div className="stack">
      <Requests />
      <Readings />
      <Kept />
    </div>
  </s-section>
);
