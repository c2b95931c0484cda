// The numbers below the sentence: each group with how many it is, and each figure with its limits and how it is counted.
import type { ReactNode } from 'react';
import type { LiftArm, LiftComparison, LiftFigures, LiftRange, Money } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Explain } from '../../components/Explain';
import { Intervals, type Line } from '../../components/intervals/Intervals';
import { formatDifference, formatMark, formatMoney } from '../../lib/money';
import { formatChange, formatCount, formatPercent, formatPoints } from '../../lib/rates';
import { fill, words } from '../../words';
import { armName } from './names';

const each = (arm: LiftArm): Money => ({ minor: Math.round(arm.revenue.minor / Math.max(1, arm.recipients)), currency: arm.revenue.currency });

const rows = (): [keyof typeof words.lift.rows, (arm: LiftArm) => ReactNode][] => [
  ['assigned', (arm) => formatCount(arm.assigned)],
  ['recipients', (arm) => formatCount(arm.recipients)],
  ['buyers', (arm) => `${formatCount(arm.buyers)}${arm.recipients > 0 ? ` · ${formatPercent(arm.buyers / arm.recipients)}` : ''}`],
  ['orders', (arm) => formatCount(arm.orders)],
  ['revenue', (arm) => <Amount of={arm.revenue} />],
  ['perRecipient', (arm) => (arm.recipients > 0 ? <Amount of={each(arm)} /> : '–')],
  ['discounts', (arm) => <Amount of={arm.discounts} />],
  ['withCode', (arm) => formatCount(arm.with_code)],
];

/** How many there are, which is what a refused comparison is about; what they bought would be read as its answer. */
const HEADS = new Set(['assigned', 'recipients']);

const Arms = ({ arms, isRefused }: { arms: LiftArm[]; isRefused: boolean }) => (
  <div className="scroll" role="group" aria-label={words.lift.groups} tabIndex={0}>
    <table className="lift-table">
      <thead>
        <tr>
          <th scope="col">{words.lift.groups}</th>
          {arms.map(({ name }) => (
            <th key={name} scope="col">
              {armName(name)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows().filter(([id]) => !isRefused || HEADS.has(id)).map(([id, cell]) => (
          <tr key={id} data-row={id}>
            <th scope="row">
              {words.lift.rows[id].title} <Explain title={words.lift.rows[id].title} text={words.lift.rows[id].text} />
            </th>
            {arms.map((arm) => (
              <td key={arm.name}>{cell(arm)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

/** The same difference, looked at in other ways, on one scale. */
const Ways = ({ figures, currency }: { figures: LiftFigures; currency: string }) => {
  const money = (minor: number): string => formatDifference({ minor: Math.round(minor), currency });
  const ways: [keyof typeof words.lift.ways, LiftRange | null | undefined][] = [
    ['headline', figures.per_recipient],
    ['live', figures.live],
    ['cuped', figures.cuped],
    ['winsorised', figures.winsorised],
  ];
  const lines = ways.flatMap(([id, range]): Line[] =>
    range ? [{ id, name: words.lift.ways[id].title, said: fill(words.lift.between, { value: money(range.value), low: money(range.low), high: money(range.high) }), ...range }] : [],
  );
  return (
    <div>
      <h3 className="lift-sub">{words.lift.perPerson}</h3>
      <Intervals label={words.lift.perPerson} lines={lines} mark={(minor) => formatMark({ minor: Math.round(minor), currency })} zero={words.lift.zero} />
      <ul className="lift-how small">
        {lines.map(({ id, name }) => (
          <li key={id}>
            <strong>{name}</strong>{' '}
            {id === 'winsorised' && figures.winsorised_at != null
              ? fill(words.lift.ways.winsorised.text, { at: formatMoney({ minor: Math.round(figures.winsorised_at), currency }) })
              : words.lift.ways[id as 'headline'].text}
          </li>
        ))}
      </ul>
    </div>
  );
};

const chanceOf = (p: number): string => (p < 0.001 ? words.lift.chanceLess : formatPercent(p));

interface Fact {
  id: keyof typeof words.lift.facts;
  said: string;
}

const factsOf = ({ conversion, figures }: LiftComparison): Fact[] => {
  const between = ({ value, low, high }: LiftRange, write: (of: number) => string): string => fill(words.lift.between, { value: write(value), low: write(low), high: write(high) });
  const facts: (Fact | false)[] = [
    conversion != null && { id: 'conversion', said: fill(words.lift.points, { range: between(conversion, formatPoints) }) },
    figures?.relative != null && { id: 'relative', said: between(figures.relative, formatChange) },
    figures?.p != null && { id: 'p', said: chanceOf(figures.p) },
    figures?.profit != null && {
      id: 'profit',
      said: fill(words.lift.between, { value: formatDifference(figures.profit.value), low: formatDifference(figures.profit.low), high: formatDifference(figures.profit.high) }),
    },
  ];
  return facts.filter((fact): fact is Fact => fact !== false);
};

export const Numbers = ({ comparison, isRefused }: { comparison: LiftComparison; isRefused: boolean }) => {
  const { against, treated, figures } = comparison;
  const facts = isRefused ? [] : factsOf(comparison);
  return (
    <details className="lift-numbers">
      <summary>{words.lift.numbers}</summary>
      <div className="stack">
        <Arms arms={[treated, against]} isRefused={isRefused} />
        {facts.length > 0 && (
          <dl className="lift-facts">
            {facts.map(({ id, said }) => (
              <div key={id} data-fact={id}>
                <dt>
                  {words.lift.facts[id].title} <Explain title={words.lift.facts[id].title} text={words.lift.facts[id].text} />
                </dt>
                <dd>{said}</dd>
              </div>
            ))}
          </dl>
        )}
        {figures && <Ways figures={figures} currency={treated.revenue.currency} />}
      </div>
    </details>
  );
};
