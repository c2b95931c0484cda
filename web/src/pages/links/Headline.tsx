// Three numbers that belong together: what came, what of it were people, how many visits that makes.
import type { HitCounts } from '../../api/types';
import { formatCount, formatPercent } from '../../lib/rates';
import { fill, words } from '../../words';

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
  <s-section accessibilityLabel={words.links.inDays}>
    <dl className="links-headline">
      <Figure id="taps" name={words.links.tapsByPeople} count={total.taps} note={fill(words.links.ofHits, { raw: formatCount(total.raw), share: share(total.taps, total.raw) })} />
      <Figure id="visits" name={words.links.visits} count={total.visits} note={words.links.visitsNote} />
      <Figure id="machines" name={words.links.machines} count={total.raw - total.taps} note={words.links.machinesNote} />
      <Figure
        id="with_code"
        name={words.links.withCode}
        count={total.with_code}
        note={total.expired > 0 ? fill(words.links.late, { expired: formatCount(total.expired) }) : words.links.noneLate}
      />
    </dl>
  </s-section>
);
