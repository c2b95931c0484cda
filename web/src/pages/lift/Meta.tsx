// A second control that costs nothing: the few from whom Meta's own experiment keeps all marketing messages.
import type { MetaControl } from '../../api/types';
import { formatPercent } from '../../lib/rates';
import { fill, words } from '../../words';
import { Verdict } from './Verdict';

export const Meta = ({ control: { comparison, share, horizon_days: horizon }, complete }: { control: MetaControl; complete: string | null | undefined }) => {
  if (!comparison) return null;
  return (
    <s-section heading={words.lift.meta.heading}>
      <div className="stack">
        <p className="quiet small">
          {words.lift.meta.lead} {share != null && fill(words.lift.meta.share, { share: formatPercent(share) })}
        </p>
        <Verdict comparison={comparison} scope="meta" complete={complete} horizon={horizon} />
        <details className="lift-numbers">
          <summary>{words.lift.meta.caveats}</summary>
          <ul className="lift-how small">
            {Object.values(words.lift.meta.mind).map((caveat) => (
              <li key={caveat}>{caveat}</li>
            ))}
          </ul>
        </details>
      </div>
    </s-section>
  );
};
