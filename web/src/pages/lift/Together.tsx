// Campaigns together: what these did and what the next one may do are two answers; and side by side, drawn toward their mean.
import type { Pooled } from '../../api/types';
import { Explain } from '../../components/Explain';
import { Intervals, type Line } from '../../components/intervals/Intervals';
import { formatDifference, formatMark, formatMoney } from '../../lib/money';
import { counted, formatCount, formatPercent, formatPoints } from '../../lib/rates';
import { useShop } from '../../app/shop';
import { fill, words } from '../../words';
import { Early } from './Early';
import { boughtOf, earlyOf, foundSentence, quietSentence } from './said';
import { StateBadge } from './Verdict';
import { stateOf, type State } from './verdict';

/** Campaigns from which the table is told. */
const ENOUGH = 4;
/** What must not happen by chance more often, however many are looked at. */
const ALPHA = 0.05;

export const stateOfPool = ({ stage, incremental }: Pooled, isKnown: boolean): State =>
  stateOf(stage, incremental ? { low: incremental.low.minor, high: incremental.high.minor } : null, isKnown);

const sentenceOf = (pooled: Pooled, state: State): string =>
  pooled.incremental && (state === 'more' || state === 'less' || state === 'unclear') ? foundSentence(state, pooled.incremental, 'pooled') : quietSentence(state);

const furtherOf = (pooled: Pooled, state: State): string[] => {
  if (state === 'refused') return [words.lift.further.poolRefused];
  if (state === 'unchecked') return [words.lift.further.unchecked];
  if (state === 'open') return [words.lift.further.open];
  if (state === 'early') return [earlyOf(pooled.conversions, pooled.outlook)];
  if (state === 'unclear' && pooled.incremental) return [fill(words.lift.further.unclear, { low: formatMoney(pooled.incremental.low), high: formatMoney(pooled.incremental.high) }), ...boughtOf(pooled.conversion)];
  return [];
};

const ROWS = ['these', 'average', 'next'] as const;

const Picture = ({ pooled, label }: { pooled: Pooled; label: string }) => {
  const { currency } = useShop();
  const money = (minor: number): string => formatDifference({ minor: Math.round(minor), currency });
  const lines = ROWS.flatMap((id): Line[] => {
    const range = pooled[id];
    return range ? [{ id, name: words.lift.together[id].title, said: fill(words.lift.between, { value: money(range.value), low: money(range.low), high: money(range.high) }), ...range }] : [];
  });
  if (lines.length === 0) return null;
  return (
    <>
      <Intervals label={label} lines={lines} mark={(minor) => formatMark({ minor: Math.round(minor), currency })} zero={words.lift.zero} />
      <ul className="lift-how small">
        {lines.map(({ id, name }) => (
          <li key={id}>
            <strong>{name}</strong> {words.lift.together[id as 'these'].text}
          </li>
        ))}
      </ul>
    </>
  );
};

export const Together = ({ pooled, isKnown }: { pooled: Pooled; isKnown: boolean }) => {
  const state = stateOfPool(pooled, isKnown);
  const sentence = sentenceOf(pooled, state);
  const further = furtherOf(pooled, state);
  const { conversion } = pooled;
  const { currency } = useShop();
  return (
    <s-section heading={words.lift.together.heading}>
      <div className="stack lift-verdict" data-state={state}>
        <div>
          <StateBadge state={state} />
        </div>
        <p className="lift-said">{sentence}</p>
        {further.map((told) => (
          <p key={told}>{told}</p>
        ))}
        {state === 'early' && <Early conversions={pooled.conversions} outlook={pooled.outlook} currency={currency} />}
        <Picture pooled={pooled} label={sentence} />
        <p className="quiet small">
          {fill(words.lift.together.counts, {
            campaigns: counted(pooled.campaigns, words.counts.campaign),
            treated: formatCount(pooled.treated),
            treatedBuyers: formatCount(pooled.treated_buyers),
            holdout: formatCount(pooled.holdout),
            holdoutBuyers: formatCount(pooled.holdout_buyers),
          })}{' '}
          {conversion && fill(words.lift.together.conversion, { range: fill(words.lift.between, { value: formatPoints(conversion.value), low: formatPoints(conversion.low), high: formatPoints(conversion.high) }) })}{' '}
          {pooled.refused > 0 && fill(words.lift.together.refused, { campaigns: counted(pooled.refused, words.counts.campaign) })}{' '}
          {fill(words.lift.together.definition, { days: counted(pooled.horizon_days, words.counts.day) })}
        </p>
      </div>
    </s-section>
  );
};

const standsOut = (adjusted: number | null | undefined): boolean => adjusted != null && adjusted < ALPHA;

const standing = (adjusted: number | null | undefined, campaigns: number): string => {
  if (adjusted == null) return words.lift.league.early;
  return fill(standsOut(adjusted) ? words.lift.league.standsOut : words.lift.league.chance, { campaigns: formatCount(campaigns) });
};

export const League = ({ pooled, query }: { pooled: Pooled; query: string }) => {
  const { currency } = useShop();
  const { league } = pooled;
  const money = (minor: number): string => formatDifference({ minor: Math.round(minor), currency });
  return (
    <s-section heading={words.lift.league.heading}>
      <div className="stack">
        <p className="quiet small">
          {words.lift.league.lead} <Explain title={words.lift.league.heading} text={words.lift.league.text} />
        </p>
        {league.length === 0 ? (
          <p>{fill(words.lift.league.few, { count: formatCount(ENOUGH) })}</p>
        ) : (
          <>
            <Intervals
              label={words.lift.league.heading}
              mark={(minor) => formatMark({ minor: Math.round(minor), currency })}
              zero={words.lift.zero}
              lines={league.map(({ campaign_id: id, name, believed, p_adjusted: adjusted }) => ({
                id,
                name,
                isNeutral: !standsOut(adjusted),
                said: fill(words.lift.between, { value: money(believed.value), low: money(believed.low), high: money(believed.high) }),
                ...believed,
              }))}
            />
            <div className="scroll" role="group" aria-label={words.lift.league.table} tabIndex={0}>
              <table className="lift-table">
                <thead>
                  <tr>
                    <th scope="col">{words.common.campaign}</th>
                    <th scope="col">{words.lift.league.people}</th>
                    <th scope="col">{words.lift.league.measured}</th>
                    <th scope="col">{words.lift.league.believed}</th>
                    <th scope="col">{words.lift.league.drawn}</th>
                    <th scope="col">{words.lift.league.standing}</th>
                  </tr>
                </thead>
                <tbody>
                  {league.map(({ campaign_id: id, name, recipients, measured, believed, drawn, p_adjusted: adjusted }) => (
                    <tr key={id} data-campaign={id}>
                      <th scope="row">
                        <s-link href={`/lift?campaign=${encodeURIComponent(id)}&${query}`}>{name}</s-link>
                      </th>
                      <td>{formatCount(recipients)}</td>
                      <td>{money(measured)}</td>
                      <td>{money(believed.value)}</td>
                      <td>{formatPercent(drawn)}</td>
                      <td className="lift-words">{standing(adjusted, league.length)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </>
        )}
      </div>
    </s-section>
  );
};
