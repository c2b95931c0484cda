// The same orders under every way of counting: as bars, because one would rather look than read.
import type { Comparison, Policies } from '../../api/types';
import { Amount } from '../../components/Amount';
import { shareOf } from '../../lib/money';
import { counted } from '../../lib/rates';
import { fill, words } from '../../words';

type Side = Comparison['sides'][number];

/** Whose way of counting it is; none: the shop's own. */
const vendorOf = (side: Side, presets: Policies['presets']): string | undefined => presets.find((one) => one.name === side.policy)?.vendor;

interface Props {
  compared: Comparison;
  presets: Policies['presets'];
  chosen: string;
  choose: (name: string) => void;
}

export const Compared = ({ compared: { sides, looked_at: looked }, presets, chosen, choose }: Props) => {
  const largest = sides.map((side) => side.attributed.amount).reduce((a, b) => (b.minor > a.minor ? b : a), { minor: 1, currency: 'EUR' });
  return (
    <s-section heading={words.policies.compared}>
      <ul className="policies-sides">
        {sides.map((side) => {
          const vendor = vendorOf(side, presets);
          const isOwn = vendor === undefined;
          return (
            <li key={side.policy} className={isOwn ? 'policies-own' : undefined}>
              <span className="policies-side">
                {isOwn ? (
                  <strong>{words.policies.yourShop}</strong>
                ) : (
                  <s-button variant="tertiary" accessibilityLabel={fill(words.policies.whatChanges, { policy: side.policy })} onClick={() => choose(side.policy)}>
                    {vendor === 'Recoup' ? fill(words.policies.onlyCertain, { policy: side.policy }) : vendor}
                  </s-button>
                )}
                {chosen === side.policy && <s-badge tone="info">{words.policies.below}</s-badge>}
              </span>
              <span className="policies-bar" aria-hidden="true">
                <i style={{ width: `${shareOf(side.attributed.amount, largest) * 100}%` }} />
              </span>
              <span className="policies-worth">
                <Amount of={side.attributed.amount} />
                <span className="quiet small"> · {counted(side.attributed.orders, words.counts.order)}</span>
              </span>
            </li>
          );
        })}
      </ul>
      <p className="quiet small">
        {fill(words.policies.lookedAt, { orders: counted(looked.orders, words.counts.order), limit: looked.whole ? '' : words.policies.onlyLatest })}
      </p>
    </s-section>
  );
};
