// The policies the shop counts by, and how far history has been judged by them.
import type { Policies } from '../../api/types';
import { fromThrown } from '../../api/problem';
import { useShop } from '../../app/shop';
import { formatInstant, formatSpan } from '../../lib/dates';
import { languageOf, locale } from '../../lib/locale';
import { counted } from '../../lib/rates';
import { evidenceName } from '../../lib/words';
import { fill, words } from '../../words';
import { useActivate, useRetire } from './queries';

type Item = Policies['policies'][number];

const restated = ({ restated }: Item, zone: string): string => {
  if (!restated) return words.policies.notJudged;
  const orders = counted(restated.orders, words.counts.order);
  if (restated.ended_at == null) return fill(words.policies.judging, { orders });
  return fill(words.policies.judged, { ended_at: formatInstant(restated.ended_at, zone), orders, verdicts: counted(restated.changed, words.counts.verdict) });
};

/** What ties an order, by the server's own sentence where it speaks the reader's language, else by the kinds the document credits. */
const tiesOf = ({ ties, document: { kinds } }: Item): string => {
  if (languageOf(locale()) === 'en') return ties;
  const credited = Object.entries(kinds).filter(([, terms]) => terms.credited ?? true);
  return new Intl.ListFormat(locale(), { type: 'disjunction' }).format(
    credited.map(([kind, { window_seconds: window }]) =>
      fill(words.policies.tieWithin, { kind: evidenceName(kind), window: window == null ? words.policyForm.noLimit : formatSpan(window) }),
    ),
  );
};

const state = (item: Item): { tone: 'success' | 'neutral' | 'info'; text: string } => {
  if (item.active) return item.name === 'default' ? { tone: 'success', text: words.policies.countsBy } : { tone: 'info', text: words.policies.keptBeside };
  return { tone: 'neutral', text: item.activated_at ? words.policies.earlier : words.policies.draft };
};

export const Kept = ({ policies }: { policies: Policies }) => {
  const { time_zone: zone } = useShop();
  const activate = useActivate();
  const retire = useRetire();
  const failed = activate.error ?? retire.error;
  return (
    <s-section heading={words.policies.evidence}>
      {failed && <s-banner tone="critical">{fromThrown(failed).detail}</s-banner>}
      <ul className="policies-kept">
        {policies.policies.map((item) => {
          const { tone, text } = state(item);
          return (
            <li key={`${item.name}-${item.version}`}>
              <p className="policies-name">
                <strong>{item.name}</strong> <span className="quiet small">{fill(words.policies.version, { version: item.version })}</span> <s-badge tone={tone}>{text}</s-badge>
              </p>
              <p>{fill(words.policies.ties, { ties: tiesOf(item) })}</p>
              {item.active && (
                <p className="quiet small" role="status">
                  {restated(item, zone)}
                </p>
              )}
              {item.active && item.name !== 'default' && (
                <s-button variant="tertiary" loading={retire.isPending} onClick={() => retire.mutate(item.name)}>
                  {words.policies.stop}
                </s-button>
              )}
              {!item.active && !item.activated_at && (
                <s-button loading={activate.isPending} onClick={() => activate.mutate(item.name)}>
                  {words.policyForm.activate}
                </s-button>
              )}
            </li>
          );
        })}
      </ul>
    </s-section>
  );
};
