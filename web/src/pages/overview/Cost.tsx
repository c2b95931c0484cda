// What the messages of these days cost, beside what they are attributed with. What nobody told a price of is said, never taken
// for free.
import type { Costs, Money } from '../../api/types';
import { Explain } from '../../components/Explain';
import { exponentOf } from '../../lib/money';
import { locale } from '../../lib/locale';
import { counted, formatTimes } from '../../lib/rates';
import { fill, words } from '../../words';
import { useCosts } from './queries';

type Price = Costs['total'][number];

/** Prices have more digits than an amount of money: "€0.0682". */
const written = ({ amount, currency }: Price): string => {
  const digits = exponentOf(currency);
  const options = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: Math.max(digits, 2) } as const;
  return new Intl.NumberFormat(locale(), options).format(amount as `${number}`);
};

/** How many times the cost is attributed; only where every price is known, in the shop's currency. */
const timesOf = ({ complete, total }: Costs, attributed: Money): number | null => {
  const [price, another] = total;
  if (!complete || !price || another || price.currency !== attributed.currency || Number(price.amount) === 0) return null;
  return attributed.minor / 10 ** exponentOf(attributed.currency) / Number(price.amount);
};

const Told = ({ costs, attributed }: { costs: Costs; attributed: Money }) => {
  const { total, complete, messages, rate_missing: missing, reported, rate_table: rates } = costs;
  const times = timesOf(costs, attributed);
  const parts = [
    reported.messages > 0 && fill(words.overview.costReported, { messages: counted(reported.messages, words.counts.message) }),
    rates.messages > 0 && fill(words.overview.costRates, { messages: counted(rates.messages, words.counts.message) }),
    missing > 0 && counted(missing, words.overview.costMissing),
    times !== null && fill(words.overview.costReturn, { times: formatTimes(times) }),
  ].filter((part) => part !== false);
  return (
    <>
      <strong className="amount">
        {!complete && total.length > 0 && `${words.overview.costLess} `}
        {total.length > 0 ? total.map(written).join(' + ') : words.overview.costNone}
      </strong>
      <span className="small">{fill(words.overview.costMessages, { messages: counted(messages, words.counts.message) })}</span>
      <span className="quiet small">{parts.join(' · ')}</span>
    </>
  );
};

export const Cost = ({ period, attributed }: { period: { from: string; to: string }; attributed: Money }) => {
  const { data } = useCosts(period);
  if (!data || data.messages === 0) return null;
  return (
    <div className="cost">
      <h2>
        {words.overview.cost} <Explain title={words.overview.cost} text={words.overview.costLong} />
      </h2>
      <Told costs={data} attributed={attributed} />
    </div>
  );
};
