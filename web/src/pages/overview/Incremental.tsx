// What would not have happened anyway: measured against people deliberately not messaged, or honestly not known yet.
import type { Summary } from '../../api/types';
import { Amount } from '../../components/Amount';
import { counted } from '../../lib/rates';

export const Incremental = ({ summary }: { summary: Summary }) => {
  const { incremental, funnel } = summary;
  return (
    <s-section accessibilityLabel="Sales that would not have happened anyway">
      <div className="incremental">
        <div>
          <h2>Would not have happened anyway</h2>
          <p className="quiet small">
            The only number here that speaks of cause: people who got a message compared with people held out by chance.
          </p>
        </div>
        {incremental ? (
          <p className="incremental-number">
            <Amount of={incremental.value} />
            <span className="quiet small">
              most likely between <Amount of={incremental.low} /> and <Amount of={incremental.high} />
            </span>
          </p>
        ) : (
          <p className="incremental-number">
            Not measured yet
            <span className="quiet small">
              {funnel.held_out > 0
                ? `${counted(funnel.held_out, 'person', 'people')} held out so far; Recoup does not compare them with the others yet`
                : 'Nobody is held out unless a campaign says so: it costs sales, and the comparison does not exist yet'}
            </span>
          </p>
        )}
      </div>
    </s-section>
  );
};
