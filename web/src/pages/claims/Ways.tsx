// Who claims how much: a bar for each way of counting, certain, strong and exposure apart, ours marked. Each bar's numbers stand
// beside it in words.
import type { Claims, Money } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Explain } from '../../components/Explain';
import { formatMoney, shareOf } from '../../lib/money';
import { counted, formatPercent, formatTimes } from '../../lib/rates';
import { className } from '../../lib/words';
import { fill, said, words } from '../../words';
import { type Way, wayName } from './names';

const CLASSES = ['certain', 'strong', 'exposure'] as const;

interface Shown {
  amount: Money;
  orders: number;
  of_sales?: number | null;
  of_own?: number | null;
}

const Worth = ({ amount, orders, of_sales: ofSales, of_own: ofOwn, own }: Shown & { own: boolean }) => (
  <span className="claims-worth">
    <strong>
      <Amount of={amount} />
    </strong>
    {!own && ofOwn != null && <span className="small"> · {fill(words.claims.times, { times: formatTimes(ofOwn) })}</span>}
    <span className="quiet small below">
      {ofSales == null ? counted(orders, words.counts.order) : fill(words.claims.orders, { orders: counted(orders, words.counts.order), share: formatPercent(ofSales) })}
    </span>
  </span>
);

const WayLine = ({ way, largest }: { way: Way; largest: Money }) => {
  const name = wayName(way);
  const parts = { name, certain: formatMoney(way.certain.amount), strong: formatMoney(way.strong.amount), exposure: formatMoney(way.exposure.amount) };
  return (
    <li className={way.own ? 'claims-own' : undefined} data-way={way.policy} data-minor={way.claimed.amount.minor}>
      <span className="claims-name">
        <strong>{name}</strong>
        {way.own && <s-badge tone="success">{words.claims.standard}</s-badge>}
        {way.says && <Explain title={name} text={said(way.says)} />}
      </span>
      <span className="claims-bar" role="img" aria-label={fill(words.claims.bar, parts)}>
        {CLASSES.map((id) => (
          <i key={id} className={`claims-${id}`} style={{ width: `${shareOf(way[id].amount, largest) * 100}%` }} />
        ))}
      </span>
      <Worth amount={way.claimed.amount} orders={way.claimed.orders} of_sales={way.of_sales} of_own={way.of_own} own={way.own} />
    </li>
  );
};

const VisitLine = ({ one, largest }: { one: Claims['visits'][number]; largest: Money }) => {
  const { title, definition } = words.claims[one.name as 'utm_last'] ?? one;
  return (
    <li data-way={one.name} data-minor={one.claimed.amount.minor}>
      <span className="claims-name">
        <strong>{title}</strong>
        <Explain title={title} text={definition} />
      </span>
      <span className="claims-bar" aria-hidden="true">
        <i className="claims-visits" style={{ width: `${shareOf(one.claimed.amount, largest) * 100}%` }} />
      </span>
      <Worth amount={one.claimed.amount} orders={one.claimed.orders} of_sales={one.of_sales} of_own={one.of_own} own={false} />
      <span className="quiet small claims-note">
        {fill(words.claims.known, { orders: counted(one.known.orders, words.counts.order) })}{' '}
        {fill(words.claims.ownToo, { orders: counted(one.own_too.orders, words.counts.order) })}
      </span>
    </li>
  );
};

export const Ways = ({ claims: { ways, visits, paid } }: { claims: Claims }) => {
  const amounts = [...ways.map((way) => way.claimed.amount), ...visits.map((one) => one.claimed.amount)];
  const largest = amounts.reduce((a, b) => (b.minor > a.minor ? b : a), { ...paid.amount, minor: 1 });
  return (
    <s-section heading={words.claims.ways}>
      <ul className="claims-legend small" aria-hidden="true">
        {CLASSES.map((id) => (
          <li key={id}>
            <i className={`claims-${id}`} />
            {className(id)}
          </li>
        ))}
      </ul>
      <ul className="claims-ways">
        {ways.map((way) => (
          <WayLine key={way.policy} way={way} largest={largest} />
        ))}
      </ul>
      <h3 className="claims-sub">{words.claims.visits}</h3>
      <ul className="claims-ways">
        {visits.map((one) => (
          <VisitLine key={one.name} one={one} largest={largest} />
        ))}
      </ul>
    </s-section>
  );
};
