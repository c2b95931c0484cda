// How far it can be seen who else claims an order.
import type { Money } from '../../api/types';
import { Amount } from '../../components/Amount';
import { shareOf } from '../../lib/money';
import { counted, formatPercent } from '../../lib/rates';
import { fill, words } from '../../words';
import type { Way } from './names';

const PARTS = ['contested', 'shared', 'unseen', 'landing_only'] as const;

const Part = ({ id, own }: { id: (typeof PARTS)[number]; own: Way }) => {
  const { title, text } = words.claims.parts[id];
  const { orders, amount } = own[id];
  const whole: Money = own.claimed.amount;
  return (
    <div data-part={id} data-minor={amount.minor}>
      <dt>{title}</dt>
      <dd>
        <strong>
          <Amount of={amount} />
        </strong>{' '}
        <span className="small">
          {counted(orders, words.counts.order)}
          {whole.minor > 0 && ` · ${fill(words.claims.ofClaimed, { share: formatPercent(shareOf(amount, whole)) })}`}
        </span>
        <span className="quiet small below">{text}</span>
      </dd>
    </div>
  );
};

export const Seen = ({ own }: { own: Way }) => (
  <s-section heading={words.claims.seen}>
    <dl className="claims-parts">
      {PARTS.map((id) => (
        <Part key={id} id={id} own={own} />
      ))}
    </dl>
  </s-section>
);
