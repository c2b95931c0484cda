// The policies the shop counts by, and how far history has been judged by them.
import type { Policies } from '../../api/types';
import { fromThrown } from '../../api/problem';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { useActivate, useRetire } from './queries';

type Item = Policies['policies'][number];

const restated = ({ restated }: Item, zone: string): string => {
  if (!restated) return 'History has not been judged by it yet.';
  const orders = counted(restated.orders, 'order');
  if (restated.ended_at == null) return `Judging history: ${orders} so far …`;
  return `History judged ${formatInstant(restated.ended_at, zone)}: ${orders}, ${counted(restated.changed, 'verdict')} came out different.`;
};

const state = (item: Item): { tone: 'success' | 'neutral' | 'info'; text: string } => {
  if (item.active) return item.name === 'default' ? { tone: 'success', text: 'The shop counts by it' } : { tone: 'info', text: 'Kept beside' };
  return { tone: 'neutral', text: item.activated_at ? 'Earlier' : 'Draft' };
};

export const Kept = ({ policies }: { policies: Policies }) => {
  const { time_zone: zone } = useShop();
  const activate = useActivate();
  const retire = useRetire();
  const failed = activate.error ?? retire.error;
  return (
    <s-section heading="What counts as evidence">
      {failed && <s-banner tone="critical">{fromThrown(failed).detail}</s-banner>}
      <ul className="policies-kept">
        {policies.policies.map((item) => {
          const { tone, text } = state(item);
          return (
            <li key={`${item.name}-${item.version}`}>
              <p className="policies-name">
                <strong>{item.name}</strong> <span className="quiet small">version {item.version}</span> <s-badge tone={tone}>{text}</s-badge>
              </p>
              <p>The order {item.ties}.</p>
              {item.active && (
                <p className="quiet small" role="status">
                  {restated(item, zone)}
                </p>
              )}
              {item.active && item.name !== 'default' && (
                <s-button variant="tertiary" loading={retire.isPending} onClick={() => retire.mutate(item.name)}>
                  Stop keeping it
                </s-button>
              )}
              {!item.active && !item.activated_at && (
                <s-button loading={activate.isPending} onClick={() => activate.mutate(item.name)}>
                  Count by it
                </s-button>
              )}
            </li>
          );
        })}
      </ul>
    </s-section>
  );
};
