// How many to leave alone: each share with its price and with what it would show, reckoned while one types.
import { useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { Plan, PlanWanted } from '../../api/types';
import { useShop } from '../../app/shop';
import { decimalOf, formatMoney, minorOf } from '../../lib/money';
import { counted, formatCount, formatPercent, formatShare } from '../../lib/rates';
import { fill, words } from '../../words';
import { usePlan, useUsual } from './queries';
import './planner.css';

type SharePlan = Plan['asked'];

const LIFT = 0.1;
/** What stands there while nothing is known of the shop. */
const PEOPLE = 5_000;
const RATE = 0.03;
const VALUE = 6_000;
/** What is reckoned with while nobody is left alone. */
const SHARE = 0.1;
const FEWEST_PEOPLE = 100;

/** Per cent as they are typed. */
const rateOf = (typed: string): number | null => {
  const text = typed.trim().replace(',', '.');
  return /^\d{1,3}(\.\d{1,4})?$/.test(text) && Number(text) > 0 && Number(text) < 100 ? Number(text) / 100 : null;
};

const peopleOf = (typed: string): number | null => (/^\d{1,8}$/.test(typed.trim()) && Number(typed) >= FEWEST_PEOPLE ? Number(typed) : null);

const isSame = (a: number, b: number): boolean => Math.abs(a - b) < 1e-9;

const sentenceOf = ({ share, held, cost, detectable_relative: found, interval_shown: shown }: SharePlan): string => {
  const places = { share: formatShare(share), people: counted(held, words.counts.person), cost: formatMoney(cost), lift: formatPercent(LIFT), found: formatPercent(found) };
  return fill(shown ? words.planner.sentence : words.planner.tooFew, places);
};

const takesOf = ({ recipients_needed: people }: SharePlan): string =>
  fill(words.planner.takes, { lift: formatPercent(LIFT), people: counted(Math.ceil(people), words.counts.person) });

const Row = ({ share, chosen, choose, cells }: { share: number; chosen: boolean; choose: () => void; cells: [string, string, string] }) => (
  <tr className={chosen ? 'planner-chosen' : undefined} data-share={share}>
    <th scope="row">
      <label>
        <input type="radio" name="planner-share" checked={chosen} onChange={choose} /> {formatShare(share)}
      </label>
    </th>
    {cells.map((cell, index) => (
      <td key={index}>{cell}</td>
    ))}
  </tr>
);

interface Chosen {
  /** The share left alone; 0: nobody is. */
  share: number;
  choose: (share: number) => void;
  /** Whether nobody is a choice. */
  mayBeNobody?: boolean;
}

const Shares = ({ plan, share, choose, mayBeNobody }: Chosen & { plan: Plan }) => {
  const { currency } = useShop();
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
          {mayBeNobody && <Row share={0} chosen={share === 0} choose={() => choose(0)} cells={[formatCount(0), formatMoney({ minor: 0, currency }), words.planner.nothing]} />}
          {all.map((one) => (
            <Row
              key={one.share}
              share={one.share}
              chosen={isSame(one.share, share)}
              choose={() => choose(one.share)}
              cells={[formatCount(one.held), formatMoney(one.cost), one.interval_shown ? fill(words.planner.from, { found: formatPercent(one.detectable_relative) }) : words.planner.none]}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
};

interface Props extends Chosen {
  /** How many people, where that is said elsewhere; null: not yet. Left out: it is asked here. */
  people?: number | null;
}

export const Planner = ({ share, choose, mayBeNobody, people }: Props) => {
  const { currency } = useShop();
  const usual = useUsual();
  const [typed, type] = useState<{ people?: string; rate?: string; value?: string }>({});
  const shown = {
    people: typed.people ?? String(usual.people ?? PEOPLE),
    rate: typed.rate ?? String(Number(((usual.rate ?? RATE) * 100).toFixed(2))),
    value: typed.value ?? decimalOf({ minor: usual.value ?? VALUE, currency }).replace(/\.0+$/, ''),
  };
  const recipients = people === undefined ? peopleOf(shown.people) : people;
  const [base, worth] = [rateOf(shown.rate), minorOf(shown.value, currency)];
  const isKnown = recipients !== null && recipients >= FEWEST_PEOPLE && base !== null && Boolean(worth);
  const wanted: PlanWanted | null = isKnown ? { recipients, base_rate: base, value_minor: worth!, share: share || SHARE, lift: LIFT } : null;
  const plan = usePlan(wanted);
  return (
    <div className="planner">
      <div className="planner-fields">
        {people === undefined && (
          <s-text-field label={words.planner.people} name="planner_people" value={shown.people} autocomplete="off" error={recipients === null ? words.planner.wrongPeople : undefined} onInput={(event) => type({ ...typed, people: event.currentTarget.value ?? '' })} />
        )}
        <s-text-field label={words.planner.rate} name="planner_rate" value={shown.rate} suffix="%" autocomplete="off" error={base === null ? words.planner.wrongRate : undefined} onInput={(event) => type({ ...typed, rate: event.currentTarget.value ?? '' })} />
        <s-text-field label={words.planner.value} name="planner_value" value={shown.value} suffix={currency} autocomplete="off" error={!worth ? words.planner.wrongValue : undefined} onInput={(event) => type({ ...typed, value: event.currentTarget.value ?? '' })} />
      </div>
      {wanted === null && people !== undefined && <p className="quiet small">{words.planner.sayPeople}</p>}
      {plan.error && <s-banner tone="critical">{fromThrown(plan.error).detail}</s-banner>}
      {wanted !== null && plan.data && (
        <div className={plan.isPlaceholderData ? 'stack stale' : 'stack'} aria-busy={plan.isPlaceholderData}>
          <p className="planner-said" role="status">
            {share === 0 ? words.planner.nobody : sentenceOf(plan.data.asked)}
          </p>
          <Shares plan={plan.data} share={share} choose={choose} mayBeNobody={mayBeNobody} />
          <p className="quiet small">
            {share > 0 && takesOf(plan.data.asked)} {fill(words.planner.note, { lift: formatPercent(LIFT) })}{' '}
            {fill(words.planner.cheapest, { people: counted(plan.data.cheapest.per_arm, words.counts.person) })}
          </p>
        </div>
      )}
    </div>
  );
};

/** What the code itself would have to bring to be seen, among those who get a message with it or without. */
export const CodePlan = ({ people, alone, coded }: { people: number; alone: number; coded: number }) => {
  const usual = useUsual();
  const share = alone / (alone + coded);
  const recipients = Math.round(people * (alone + coded));
  const isPlannable = recipients >= FEWEST_PEOPLE && share >= 0.01 && share <= 0.9;
  const plan = usePlan(isPlannable ? { recipients, base_rate: usual.rate ?? RATE, value_minor: usual.value ?? VALUE, share, lift: LIFT } : null);
  if (!isPlannable || !plan.data) return null;
  const { detectable_relative: found, interval_shown: isShown } = plan.data.asked;
  return <p className="small">{isShown ? fill(words.planner.code, { found: formatPercent(found) }) : words.planner.codeTooFew}</p>;
};
