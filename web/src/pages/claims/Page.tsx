// Who claims what of the same orders: the shop's own policy, others' ways of counting, and tools that look at visits alone.
import { useShop } from '../../app/shop';
import { Empty, Loaded } from '../../components/page-states';
import { PeriodPicker } from '../../components/period/PeriodPicker';
import { usePeriod } from '../../components/period/usePeriod';
import type { Claims as Answer } from '../../api/types';
import { formatInstant } from '../../lib/dates';
import { formatMoney } from '../../lib/money';
import { counted } from '../../lib/rates';
import { fill, words } from '../../words';
import { Honesty } from './Honesty';
import { Overlap } from './Overlap';
import { useClaims } from './queries';
import { Seen } from './Seen';
import { Ways } from './Ways';
import { Windows } from './Windows';
import './claims.css';

const Looked = ({ claims: { looked_at: looked, paid, complete_through: complete } }: { claims: Answer }) => {
  const { time_zone: zone } = useShop();
  const orders = counted(looked.orders, words.counts.order);
  return (
    <p className="quiet small">
      {looked.whole || !looked.back_to ? fill(words.claims.lookedAt, { orders }) : fill(words.claims.lookedBack, { orders, back: formatInstant(looked.back_to, zone) })}{' '}
      {fill(words.claims.paid, { amount: formatMoney(paid.amount), orders: counted(paid.orders, words.counts.order) })}{' '}
      {complete ? fill(words.ledgerPage.complete, { complete: formatInstant(complete, zone) }) : words.ledgerPage.unchecked} {words.claims.reading}
    </p>
  );
};

export const Claims = () => {
  const period = usePeriod();
  const claims = useClaims(period);
  return (
    <s-page heading={words.shell.claims}>
      <div className="stack">
        <PeriodPicker period={period} />
        <p className="quiet">{words.claims.lead}</p>
        <Loaded of={claims} lines={10}>
          {(data) => {
            const own = data.ways.find((way) => way.own);
            return (
              <>
                {data.paid.orders === 0 ? (
                  <s-section accessibilityLabel={words.claims.ways}>
                    <Empty title={words.claims.none}>{words.claims.noneText}</Empty>
                  </s-section>
                ) : (
                  <>
                    <Honesty claims={data} />
                    <Ways claims={data} />
                    <Overlap claims={data} />
                    {own && <Seen own={own} />}
                  </>
                )}
                <Windows claims={data} />
                <Looked claims={data} />
              </>
            );
          }}
        </Loaded>
      </div>
    </s-page>
  );
};
