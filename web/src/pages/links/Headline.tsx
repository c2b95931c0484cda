// Three numbers that belong together: what came, what of it were people, how many visits that makes.
import type { HitCounts } from '../../api/types';
import { formatCount, formatPercent } from '../../lib/rates';

const Figure = ({ id, name, count, note }: { id: string; name: string; count: number; note: string }) => (
  <div data-count={id}>
    <dt>{name}</dt>
    <dd>
      <b className="amount">{formatCount(count)}</b>
      <span className="quiet small">{note}</span>
    </dd>
  </div>
);

const share = (part: number, of: number): string => (of > 0 ? ` (${formatPercent(part / of)})` : '');

export const Headline = ({ total }: { total: HitCounts }) => (
  <s-section accessibilityLabel="Links in these days">
    <dl className="links-headline">
      <Figure id="taps" name="Taps by people" count={total.taps} note={`of ${formatCount(total.raw)} hits in all${share(total.taps, total.raw)}`} />
      <Figure id="visits" name="Visits" count={total.visits} note="taps of one device within half an hour are one" />
      <Figure id="machines" name="Machines" count={total.raw - total.taps} note="previews, robots, prefetches: never counted as taps" />
      <Figure
        id="with_code"
        name="With the code applied"
        count={total.with_code}
        note={total.expired > 0 ? `${formatCount(total.expired)} came when the code had run out` : 'none came after its code had run out'}
      />
    </dl>
  </s-section>
);
