// Every day, the latest first: Shopify's figure, ours, and what is between the two.
import type { Agreement } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatLongDay } from '../../lib/dates';
import { sum } from '../../lib/money';
import { VERDICTS, WORDS } from './words';

export const DayTable = ({ agreement: { days, currency } }: { agreement: Agreement }) => (
  <s-section heading={WORDS.byDay} padding="none">
    <s-table>
      <s-table-header-row>
        <s-table-header listSlot="primary">{WORDS.columns.day}</s-table-header>
        <s-table-header>{WORDS.columns.verdict}</s-table-header>
        <s-table-header format="numeric">{WORDS.columns.shopify}</s-table-header>
        <s-table-header format="numeric">{WORDS.columns.ours}</s-table-header>
        <s-table-header format="numeric">{WORDS.columns.lines}</s-table-header>
        <s-table-header format="numeric" listSlot="secondary">
          {WORDS.columns.unexplained}
        </s-table-header>
      </s-table-header-row>
      <s-table-body>
        {[...days].reverse().map((one) => (
          <s-table-row key={one.day}>
            <s-table-cell>{formatLongDay(one.day)}</s-table-cell>
            <s-table-cell>
              <s-badge tone={VERDICTS[one.verdict].tone}>{VERDICTS[one.verdict].name}</s-badge>
            </s-table-cell>
            <s-table-cell>{one.shopify ? <Amount of={one.shopify} /> : WORDS.none}</s-table-cell>
            <s-table-cell>
              <Amount of={one.ours} />
            </s-table-cell>
            <s-table-cell>
              <Amount
                of={sum(
                  one.lines.map((line) => line.amount),
                  currency,
                )}
              />
            </s-table-cell>
            <s-table-cell>{one.unexplained ? <Amount of={one.unexplained} /> : WORDS.none}</s-table-cell>
          </s-table-row>
        ))}
      </s-table-body>
    </s-table>
  </s-section>
);
