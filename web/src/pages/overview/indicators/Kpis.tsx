// The indicators of these days, each with how it is counted, what it rests on, and what the days before said.
import type { Kpi } from '../../../api/types';
import { Explain } from '../../../components/Explain';
import { formatDay } from '../../../lib/dates';
import { fill, said, words } from '../../../words';
import { countsOf, limitsOf, textOf, valueOf } from './figures';

const Row = ({ kpi }: { kpi: Kpi }) => {
  const { title, definition, note } = textOf(kpi);
  return (
    <s-table-row>
      <s-table-cell>
        {title} <Explain title={title} text={`${definition} ${note}`.trim()} />
      </s-table-cell>
      <s-table-cell>
        <strong>{valueOf(kpi, kpi.unit)}</strong>
        <div className="quiet small">{limitsOf(kpi, kpi.unit)}</div>
      </s-table-cell>
      <s-table-cell>
        {kpi.why ? <div className="quiet small indicators-why">{said(kpi.why)}</div> : countsOf(kpi, kpi.unit)}
      </s-table-cell>
      <s-table-cell>{valueOf(kpi.before, kpi.unit)}</s-table-cell>
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
