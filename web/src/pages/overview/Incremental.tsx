// What would not have happened anyway: measured against people deliberately not messaged, or honestly not known yet.
import type { Summary } from '../../api/types';
import { Amount } from '../../components/Amount';
import { counted } from '../../lib/rates';
import { fill, words } from '../../words';
import { rich } from '../../words/rich';

export const Incremental = ({ summary }: { summary: Summary }) => {
  const { incremental, funnel } = summary;
  return (
    <s-section accessibilityLabel={words.overview.notAnyway}>
      <div className="incremental">
        <div>
          <h2>{words.overview.notAnywayTitle}</h2>
          <p className="quiet small">
            {words.overview.cause}
          </p>
        </div>
        {incremental ? (
          <p className="incremental-number">
            <Amount of={incremental.value} />
            <span className="quiet small">
              {rich(words.overview.between, { low: <Amount of={incremental.low} />, high: <Amount of={incremental.high} /> })}
            </span>
          </p>
        ) : (
          <p className="incremental-number">
            {words.overview.notMeasured}
            <span className="quiet small">
              {funnel.held_out > 0
                ? fill(words.overview.heldOutSoFar, { people: counted(funnel.held_out, words.counts.person) })
                : words.overview.nobodyHeldOut}{' '}
              <s-link href="/lift">{funnel.held_out > 0 ? words.overview.seeLift : words.overview.seePlan}</s-link>
            </span>
          </p>
        )}
      </div>
    </s-section>
  );
};
