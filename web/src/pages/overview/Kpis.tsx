// The indicators of these days, each with how it is counted, what it rests on, and what the days before said.
import type { Kpi, KpiFigure } from '../../api/types';
import { Amount } from '../../components/Amount';
import { Explain } from '../../components/Explain';
import { formatCount, formatPercent, formatRange, formatTimes } from '../../lib/rates';
import { formatDay } from '../../lib/dates';
import { fill, words } from '../../words';

const texts = () => words.kpis.of as Record<string, { title: string; definition: string; note: string }>;

const Value = ({ figure, unit }: { figure: KpiFigure; unit: Kpi['unit'] }) => {
  if (figure.value === null || figure.value === undefined) return <>{words.kpis.none}</>;
  if (unit === 'money' && figure.amount) return <Amount of={figure.amount} />;
  if (unit === 'share') return <>{formatPercent(figure.value)}</>;
  return <>{fill(words.kpis.times, { times: formatCount(Math.round(figure.value * 10) / 10) })}</>;
};

const limits = ({ low, high }: KpiFigure, unit: Kpi['unit']): string => {
  if (low == null || high == null) return '';
  return unit === 'times' ? fill(words.kpis.range, { low: formatTimes(low), high: formatTimes(high) }) : formatRange({ low, high });
};

/** What a figure was counted from; money has its amounts elsewhere on the page. */
const counts = ({ numerator, denominator }: KpiFigure, unit: Kpi['unit']): string =>
  unit === 'share' ? fill(words.kpis.counts, { numerator: formatCount(numerator), denominator: formatCount(denominator) }) : fill(words.kpis.each, { denominator: formatCount(denominator) });

const Row = ({ kpi }: { kpi: Kpi }) => {
  const text = texts()[kpi.name] ?? { title: kpi.title, definition: kpi.definition, note: kpi.note ?? '' };
  return (
    <s-table-row>
      <s-table-cell>
        {text.title} <Explain title={text.title} text={`${text.definition} ${text.note}`.trim()} />
      </s-table-cell>
      <s-table-cell>
        <strong>
          <Value figure={kpi} unit={kpi.unit} />
        </strong>
        <div className="quiet small">{limits(kpi, kpi.unit)}</div>
      </s-table-cell>
      <s-table-cell>{kpi.unit === 'times' || kpi.denominator === 0 ? words.kpis.none : counts(kpi, kpi.unit)}</s-table-cell>
      <s-table-cell>
        <Value figure={kpi.before} unit={kpi.unit} />
      </s-table-cell>
    </s-table-row>
  );
};

export const Kpis = ({ kpis, from, to }: { kpis: Kpi[]; from: string; to: string }) => (
  <>
    <s-table>
      <s-table-header-row>
        <s-table-header listSlot="primary">{words.kpis.indicator}</s-table-header>
        <s-table-header format="numeric" listSlot="inline">{words.kpis.value}</s-table-header>
        <s-table-header format="numeric">{words.kpis.restsOn}</s-table-header>
        <s-table-header format="numeric">{words.kpis.before}</s-table-header>
      </s-table-header-row>
      <s-table-body>
        {kpis.map((kpi) => (
          <Row key={kpi.name} kpi={kpi} />
        ))}
      </s-table-body>
    </s-table>
    <p className="quiet small indicators-note">
      {fill(words.kpis.beforeIs, { from: formatDay(from), to: formatDay(to) })} {words.overview.brackets}
    </p>
  </>
);
