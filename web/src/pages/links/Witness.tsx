// Meta counts clicks too. Its number beside ours, and why they differ.
import type { HitCounts, LinksReport } from '../../api/types';
import { formatCount } from '../../lib/rates';

const Line = ({ name, count }: { name: string; count: number }) => (
  <div className="links-line">
    <dt>{name}</dt>
    <dd className="amount">{formatCount(count)}</dd>
  </div>
);

export const Witness = ({ witness, total }: { witness: LinksReport['witness']; total: HitCounts }) => (
  <s-section heading="Beside Meta’s own count">
    <dl className="links-witness">
      <Line name="Taps we counted" count={total.taps} />
      <Line name="of them with Meta’s click id" count={witness.taps_with_meta_id} />
      <Line name="Clicks Meta told us of" count={witness.meta_clicks} />
      <Line name="of them seen by us too" count={witness.seen_by_us} />
    </dl>
    <p className="quiet small">{witness.sentence}</p>
  </s-section>
);
