// How many to leave alone: each share with its price and with what it would show, reckoned while one types.
import { useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { Plan, PlanWanted } from '../../api/types';
import { useShop } from '../../app/shop';
import { decimalOf, formatMoney, minorOf } from '../../lib/money';
import { counted, formatCount, formatPercent, formatShare } from '../../lib/rates';
import { fill, words } from '../../words';
import { usePlan } from './queries';
import './planner.css';

type SharePlan = Plan['asked'];

/** What the form begins with. */
export interface Expected {
  people?: number;
  /** Share that buys unaided. */
  rate?: number;
  /** What a buyer spends, minor units. */
  value?: number;
  perDay?: number;
}

const LIFT = 0.1;

/** Per cent as they are typed. */
const rateOf = (typed: string): number | null => {
  const text = typed.trim().replace(',', '.');
  return /^\d{1,3}(\.\d{1,4})?$/.test(text) && Number(text) > 0 && Number(text) < 100 ? Number(text) / 100 : null;
};

export const sentenceOf = ({ share, held, cost, detectable_relative: found, interval_shown: shown }: SharePlan): string => {
  const places = { share: formatShare(share), people: counted(held, words.counts.person), cost: formatMoney(cost), lift: formatPercent(LIFT), found: formatPercent(found) };
  return fill(shown ? words.planner.sentence : words.planner.tooFew, places);
};

const Shares = ({ plan, share, choose }: { plan: Plan; share: number; choose: (share: number) => void }) => {
  const all = [plan.asked, ...plan.others].sort((a, b) => a.share - b.share);
  return (
    <div className="scroll" role="group" aria-label={words.planner.shares} tabIndex={0}>
      <table className="planner-table">
        <thead>
          <tr>
            <th scope="col">{words.planner.share}</th>
            <th scope="col">{words.planner.held}</th>
            <th scope="col">{words.planner.cost}</th>
            <th scope="col">{words.planner.found}</th>
          </tr>
        </thead>
        <tbody>
          {all.map((one) => (
            <tr key={one.share} className={one.share === share ? 'planner-chosen' : undefined}>
              <th scope="row">
                <label>
                  <input type="radio" name="planner-share" checked={one.share === share} onChange={() => choose(one.share)} /> {formatShare(one.share)}
                </label>
              </th>
              <td>{formatCount(one.held)}</td>
              <td>{formatMoney(one.cost)}</td>
              <td>{one.interval_shown ? fill(words.planner.from, { found: formatPercent(one.detectable_relative) }) : words.planner.none}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

export const Planner = ({ share, choose, expected = {} }: { share: number; choose: (share: number) => void; expected?: Expected }) => {
  const { currency } = useShop();
  const [people, setPeople] = useState(String(expected.people ?? 5_000));
  const [rate, setRate] = useState(String(Number(((expected.rate ?? 0.03) * 100).toFixed(2))));
  const [value, setValue] = useState(decimalOf({ minor: expected.value ?? 6_000, currency }).replace(/\.00$/, ''));
  const [recipients, base, worth] = [/^\d{3,9}$/.test(people.trim()) ? Number(people) : null, rateOf(rate), minorOf(value, currency)];
  const wanted: PlanWanted | null =
    recipients === null || base === null || !worth ? null : { recipients, base_rate: base, value_minor: worth, share, lift: LIFT, per_day: expected.perDay ?? null };
  const plan = usePlan(wanted);
  return (
    <div className="planner">
      <div className="planner-fields">
        <s-text-field label={words.planner.people} name="planner_people" value={people} autocomplete="off" error={recipients === null ? words.planner.wrongPeople : undefined} onInput={(event) => setPeople(event.currentTarget.value ?? '')} />
        <s-text-field label={words.planner.rate} name="planner_rate" value={rate} suffix="%" autocomplete="off" error={base === null ? words.planner.wrongRate : undefined} onInput={(event) => setRate(event.currentTarget.value ?? '')} />
        <s-text-field label={words.planner.value} name="planner_value" value={value} suffix={currency} autocomplete="off" error={!worth ? words.planner.wrongValue : undefined} onInput={(event) => setValue(event.currentTarget.value ?? '')} />
      </div>
      {plan.error && <s-banner tone="critical">{fromThrown(plan.error).detail}</s-banner>}
      {plan.data && (
        <div className={plan.isPlaceholderData ? 'stack stale' : 'stack'} aria-busy={plan.isPlaceholderData}>
          <p className="planner-said" role="status">
            {sentenceOf(plan.data.asked)}
          </p>
          <Shares plan={plan.data} share={share} choose={choose} />
          <p className="quiet small">{fill(words.planner.note, { lift: formatPercent(LIFT) })}</p>
        </div>
      )}
    </div>
  );
};
