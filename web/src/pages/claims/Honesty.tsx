// What is claimed, beside what was caused: one sentence, then every way of counting before the interval of the difference that the
// messages made. No claim is called true or false where the interval does not say so.
import type { Claims, Money, OverAttribution } from '../../api/types';
import { useShop } from '../../app/shop';
import { Intervals, type Line } from '../../components/intervals/Intervals';
import { formatLongDay } from '../../lib/dates';
import { formatMark, formatMoney } from '../../lib/money';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import { timesOf } from '../lift/names';
import { ofHundred } from '../lift/said';
import { wayName } from './names';

interface Between {
  low: Money;
  high: Money;
}

interface Claimed {
  id: string;
  name: string;
  amount: Money;
  index: OverAttribution | null;
}

const sentenceOf = (caused: Between, own: Money | undefined): string => {
  const { honesty } = words.claims;
  if (caused.high.minor < 0) return honesty.less;
  if (caused.low.minor <= 0) return honesty.unclear;
  if (!own || own.minor <= 0) return fill(honesty.unclaimed, { low: formatMoney(caused.low), high: formatMoney(caused.high) });
  return ofHundred(caused, own, honesty);
};

/** Claims of the orders in which the difference was measured, and of no others. */
const claimedIn = ({ ways, visits }: Claims): Claimed[] => [
  ...ways.map((way) => ({ id: way.policy, name: wayName(way), amount: way.claimed_measured.amount, index: way.over_attribution ?? null })),
  ...visits.map((one) => ({ id: one.name, name: words.claims[one.name as 'utm_last']?.title ?? one.title, amount: one.claimed_measured.amount, index: one.over_attribution ?? null })),
];

const lineOf = ({ id, name, amount, index }: Claimed): Line => ({
  id,
  kind: 'bar',
  name: fill(words.claims.honesty.bar, { name, amount: formatMoney(amount) }),
  said: index && amount.minor > 0 ? timesOf(index) : '',
  value: amount.minor,
  low: amount.minor,
  high: amount.minor,
});

const Measured = ({ claims, caused }: { claims: Claims; caused: Between }) => {
  const { currency } = useShop();
  const own = claims.ways.find((way) => way.own)?.claimed_measured.amount;
  const sentence = sentenceOf(caused, own);
  return (
    <div className="stack" data-honesty>
      <p className="claims-said">{sentence}</p>
      <Intervals
        label={sentence}
        mark={(minor) => formatMark({ minor: Math.round(minor), currency })}
        zero={words.lift.zero}
        behind={{ low: caused.low.minor, high: caused.high.minor }}
        lines={claimedIn(claims).map(lineOf)}
      />
      <p className="quiet small">
        {fill(words.claims.honesty.band, { low: formatMoney(caused.low), high: formatMoney(caused.high) })}{' '}
        {fill(words.claims.honesty.measured, { orders: counted(claims.measured_orders, words.counts.order) })} <s-link href="/lift">{words.claims.honesty.lift}</s-link>
      </p>
    </div>
  );
};

const NotYet = ({ claims: { incremental_reason: reason, incremental_on: day } }: { claims: Claims }) => {
  const { time_zone: zone } = useShop();
  return (
    <div className="stack">
      <p className="claims-said">{words.claims.honesty.none}</p>
      <p>
        {day ? fill(words.claims.honesty.onDay, { day: formatLongDay(day) }) : <span className="quiet small">{told(reason, zone)}</span>} <s-link href="/lift">{words.claims.honesty.begin}</s-link>
      </p>
    </div>
  );
};

export const Honesty = ({ claims }: { claims: Claims }) => (
  <s-section heading={words.claims.honesty.heading}>{claims.incremental ? <Measured claims={claims} caused={claims.incremental} /> : <NotYet claims={claims} />}</s-section>
);
