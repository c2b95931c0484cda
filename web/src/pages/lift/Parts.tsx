// The difference in parts: by what campaigns are for, by template, by step, by month, and by how long after the message one looks.
// Many parts are many chances to be fooled, so a part has a colour only where it stands out among all of them.
import { useState } from 'react';
import type { LiftPart, LiftParts, LiftRange } from '../../api/types';
import { useShop } from '../../app/shop';
import { Intervals, type Line } from '../../components/intervals/Intervals';
import { Loaded } from '../../components/page-states';
import { formatMonth } from '../../lib/dates';
import { formatDifference, formatMark } from '../../lib/money';
import { counted, formatCount, formatPoints } from '../../lib/rates';
import { kindName } from '../../lib/words';
import { fill, words } from '../../words';
import { useParts, type By, type Days, type Of } from './queries';
import { GATE } from './verdict';

const ALPHA = 0.05;

const nameOf = (by: By, key: string): string => {
  if (by === 'month') return formatMonth(`${key}-01`);
  if (by === 'horizon') return fill(words.lift.parts.after, { days: counted(Number(key), words.counts.day) });
  if (by === 'kind') return kindName(key);
  return key === '' ? words.lift.parts.unnamed : key;
};

/** Rows that share their people are one look, not many. */
const isNeutral = (by: By, part: LiftPart): boolean => by !== 'horizon' && !(part.p_adjusted != null && part.p_adjusted < ALPHA);

/** Whether what came at first is still there. Both limits decide, and neither more than they can. */
const pulledOf = (parts: LiftPart[]): string => {
  const shown = parts.flatMap(({ key, per_recipient: range }) => (range ? [{ days: counted(Number(key), words.counts.day), range }] : []));
  const [first, last] = [shown[0], shown.at(-1)];
  const { pulled } = words.lift.parts;
  if (!first || !last) return pulled.early;
  if (first === last) return fill(pulled.one, { first: first.days });
  const days = { first: first.days, last: last.days };
  if (first.range.low <= 0) return fill(pulled.unclear, { first: first.days });
  if (last.range.low <= 0) return fill(pulled.gone, days);
  return fill(last.range.value < first.range.value ? pulled.partly : pulled.there, days);
};

const Table = ({ by, parts, money }: { by: By; parts: LiftPart[]; money: (range: LiftRange) => string }) => {
  const hasCumulative = parts.some(({ cumulative }) => cumulative != null);
  return (
    <div className="scroll" role="group" aria-label={words.lift.parts.table} tabIndex={0}>
      <table className="lift-table">
        <thead>
          <tr>
            <th scope="col">{words.lift.parts.part}</th>
            <th scope="col">{words.lift.parts.people}</th>
            <th scope="col">{words.lift.parts.buyers}</th>
            <th scope="col">{words.lift.parts.conversion}</th>
            {hasCumulative && <th scope="col">{words.lift.parts.cumulative}</th>}
          </tr>
        </thead>
        <tbody>
          {parts.map((part) => (
            <tr key={part.key} data-part={part.key}>
              <th scope="row">{nameOf(by, part.key)}</th>
              <td>{fill(words.lift.parts.both, { treated: formatCount(part.treated), held: formatCount(part.holdout) })}</td>
              <td>{fill(words.lift.parts.both, { treated: formatCount(part.treated_buyers), held: formatCount(part.holdout_buyers) })}</td>
              <td>{part.conversion ? fill(words.lift.between, { value: formatPoints(part.conversion.value), low: formatPoints(part.conversion.low), high: formatPoints(part.conversion.high) }) : '–'}</td>
              {hasCumulative && <td>{part.cumulative ? money(part.cumulative) : '–'}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

const waitsOf = (part: LiftPart): string =>
  part.stage === 'refused' ? words.lift.states.refused : part.stage === 'nothing_closed' ? words.lift.states.open : fill(words.lift.steps, { have: formatCount(part.conversions), needed: formatCount(GATE) });

const Shown = ({ by, parts, heading }: { by: By; parts: LiftPart[]; heading: string }) => {
  const { currency } = useShop();
  const amount = (minor: number): string => formatDifference({ minor: Math.round(minor), currency });
  const money = ({ value, low, high }: LiftRange): string => fill(words.lift.between, { value: amount(value), low: amount(low), high: amount(high) });
  const lines = parts.flatMap((part): Line[] =>
    part.per_recipient ? [{ id: part.key || 'unnamed', name: nameOf(by, part.key), said: money(part.per_recipient), isNeutral: isNeutral(by, part), ...part.per_recipient }] : [],
  );
  const waiting = parts.filter((part) => !part.per_recipient);
  return (
    <>
      {by === 'horizon' && <p className="lift-told">{pulledOf(parts)}</p>}
      {lines.length > 0 && <Intervals label={heading} lines={lines} mark={(minor) => formatMark({ minor: Math.round(minor), currency })} zero={words.lift.zero} />}
      {waiting.length > 0 && by !== 'horizon' && (
        <ul className="lift-three">
          {waiting.map((part) => (
            <li key={part.key}>
              <strong>{nameOf(by, part.key)}</strong> <span className="quiet">{waitsOf(part)}</span>
            </li>
          ))}
        </ul>
      )}
      {parts.length > 0 ? <Table by={by} parts={parts} money={money} /> : <p>{words.lift.parts.none}</p>}
      <p className="quiet small">{words.lift.parts.definitions[by]}</p>
    </>
  );
};

export const Parts = ({ of, days, choices }: { of: Of; days?: Days; choices: By[] }) => {
  const [by, divide] = useState<By>(choices[0] ?? 'month');
  const parts = useParts(of, by, days);
  const heading = words.lift.parts.headings['campaign' in of ? 'campaign' : 'program' in of ? 'program' : 'shop'];
  return (
    <s-section heading={heading}>
      <div className="stack">
        <div className="lift-by">
          <s-select label={words.lift.parts.by} value={by} onChange={(event) => divide(event.currentTarget.value as By)}>
            {choices.map((one) => (
              <s-option key={one} value={one}>
                {words.lift.parts.choices[one]}
              </s-option>
            ))}
          </s-select>
        </div>
        <Loaded of={parts} lines={4}>
          {(data: LiftParts | null) => <Shown by={data?.by ?? by} parts={data?.parts ?? []} heading={heading} />}
        </Loaded>
      </div>
    </s-section>
  );
};
