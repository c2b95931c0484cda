// What would not have happened anyway: measured against people deliberately not messaged, or honestly not known yet.
import type { Summary } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatLongDay } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';

type Caused = NonNullable<Summary['incremental']>;

const Found = ({ money, from, to }: { money: NonNullable<Caused['money']>; from: string; to: string }) => (
  <>
    {/* A number whose interval touches zero is none to be quoted by itself. */}
    {money.low.minor > 0 || money.high.minor < 0 ? <Amount of={money.value} /> : words.overview.notToldFromChance}
    <span className="quiet small">
      {rich(words.overview.between, { low: <Amount of={money.low} />, high: <Amount of={money.high} /> })} {fill(words.overview.ofMessages, { from: formatLongDay(from), to: formatLongDay(to) })} <s-link href="/lift">{words.overview.seeLift}</s-link>
    </span>
  </>
);

const Missing = ({ caused, heldOut }: { caused: Caused | null | undefined; heldOut: number }) => (
  <>
    {words.overview.notMeasured}
    <span className="quiet small">
      {heldOut > 0 ? fill(words.overview.heldOutSoFar, { people: counted(heldOut, words.counts.person) }) : words.overview.nobodyHeldOut}{' '}
      {caused?.earliest_on && fill(words.overview.earliest, { day: formatLongDay(caused.earliest_on) })}{' '}
      <s-link href="/lift">{heldOut > 0 ? words.overview.seeLift : words.overview.seePlan}</s-link>
    </span>
  </>
);

export const Incremental = ({ summary: { incremental, funnel } }: { summary: Summary }) => (
  <s-section accessibilityLabel={words.overview.notAnyway}>
    <div className="incremental">
      <div>
        <h2>{words.overview.notAnywayTitle}</h2>
        <p className="quiet small">{words.overview.cause}</p>
      </div>
      <p className="incremental-number">{incremental?.money ? <Found money={incremental.money} from={incremental.measured_from} to={incremental.measured_to} /> : <Missing caused={incremental} heldOut={funnel.held_out} />}</p>
    </div>
  </s-section>
);
