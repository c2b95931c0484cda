// Every day, the latest first: Shopify's figure, ours, and what is between the two.
import type { Agreement, AgreementDay } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatLongDay } from '../../lib/dates';
import { sum } from '../../lib/money';
import { words } from '../../words';

const TONES: Record<AgreementDay['verdict'], 'success' | 'critical' | 'warning' | 'neutral'> = {
  agrees: 'success',
  differs: 'critical',
  open: 'neutral',
  other_currency: 'warning',
  before: 'neutral',
  unread: 'neutral',
};

export const DayTable = ({ agreement: { days, currency } }: { agreement: Agreement }) => (
  <s-section heading={words.agreement.byDay} padding="none">
    <s-table>
      <s-table-header-row>
        <s-table-header listSlot="primary">{words.common.day}</s-table-header>
        <s-table-header listSlot="inline">{words.agreement.verdict}</s-table-header>
        <s-table-header format="numeric">{words.agreement.shopify}</s-table-header>
        <s-table-header format="numeric">{words.agreement.ours}</s-table-header>
        <s-table-header format="numeric">{words.agreement.explained}</s-table-header>
        <s-table-header format="numeric">{words.agreement.unexplained}</s-table-header>
      </s-table-header-row>
      <s-table-body>
        {[...days].reverse().map((one) => (
          <s-table-row key={one.day}>
            <s-table-cell>{formatLongDay(one.day)}</s-table-cell>
            <s-table-cell>
              <s-badge tone={TONES[one.verdict]}>{words.agreement.verdicts[one.verdict]}</s-badge>
            </s-table-cell>
            <s-table-cell>{one.shopify ? <Amount of={one.shopify} /> : '–'}</s-table-cell>
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
            <s-table-cell>{one.unexplained ? <Amount of={one.unexplained} /> : '–'}</s-table-cell>
          </s-table-row>
        ))}
      </s-table-body>
    </s-table>
  </s-section>
);
