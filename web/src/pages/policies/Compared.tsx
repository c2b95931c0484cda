// The same orders under every way of counting: as bars, because one would rather look than read.
import type { Comparison, Policies } from '../../api/types';
import { Amount } from '../../components/Amount';
import { shareOf } from '../../lib/money';
import { counted } from '../../lib/rates';

type Side = Comparison['sides'][number];

const vendorOf = (side: Side, presets: Policies['presets']): string => presets.find((one) => one.name === side.policy)?.vendor ?? 'Your shop';

interface Props {
  compared: Comparison;
  presets: Policies['presets'];
  chosen: string;
  choose: (name: string) => void;
}

export const Compared = ({ compared: { sides, looked_at: looked }, presets, chosen, choose }: Props) => {
  const largest = sides.map((side) => side.attributed.amount).reduce((a, b) => (b.minor > a.minor ? b : a), { minor: 1, currency: 'EUR' });
  return (
    <s-section heading="The same orders, as others would count them">
      <ul className="policies-sides">
        {sides.map((side) => {
          const vendor = vendorOf(side, presets);
          const isOwn = vendor === 'Your shop';
          return (
            <li key={side.policy} className={isOwn ? 'policies-own' : undefined}>
              <span className="policies-side">
                {isOwn ? (
                  <strong>Your shop</strong>
                ) : (
                  <s-button variant="tertiary" accessibilityLabel={`What ${side.policy} would change`} onClick={() => choose(side.policy)}>
                    {vendor === 'Recoup' ? `Only certain (${side.policy})` : vendor}
                  </s-button>
                )}
                {chosen === side.policy && <s-badge tone="info">below</s-badge>}
              </span>
              <span className="policies-bar" aria-hidden="true">
                <i style={{ width: `${shareOf(side.attributed.amount, largest) * 100}%` }} />
              </span>
              <span className="policies-worth">
                <Amount of={side.attributed.amount} />
                <span className="quiet small"> · {counted(side.attributed.orders, 'order')}</span>
              </span>
            </li>
          );
        })}
      </ul>
      <p className="quiet small">
        {counted(looked.orders, 'order')} looked at{looked.whole ? '' : ', the latest ones; there are more in these days'}. Attributed sales by each policy.
        How others count is our reading of what their pages say; they did not write or check it.
      </p>
    </s-section>
  );
};
