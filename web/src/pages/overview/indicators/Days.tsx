// One indicator day by day, as a line; its limits are the ground around it. A day of which nothing can be said is a gap. The table
// below it has every number.
import { scaleLinear, scalePoint } from 'd3-scale';
import { area, line } from 'd3-shape';
import type { Kpi, KpiGroup } from '../../../api/types';
import { useWidth } from '../../../components/useWidth';
import { formatDay, formatLongDay } from '../../../lib/dates';
import { formatMark } from '../../../lib/money';
import { formatPercent, formatTimes } from '../../../lib/rates';
import { fill, words } from '../../../words';
import { valueOf } from './figures';

interface Point {
  day: string;
  value: number | null;
  low: number | null;
  high: number | null;
}

const HEIGHT = 190;
const EDGE = { top: 10, right: 12, bottom: 24, left: 54 };

/** The highest and the lowest day, and how many there are. */
const summed = (title: string, kpi: Kpi, groups: KpiGroup[]): string => {
  const known = groups.filter((group) => group.figures[kpi.name]?.value != null).sort((one, other) => (other.figures[kpi.name]?.value ?? 0) - (one.figures[kpi.name]?.value ?? 0));
  const [first, last] = [known[0], known.at(-1)];
  const of = (group: KpiGroup): string => valueOf(group.figures[kpi.name] as KpiGroup['figures'][string], kpi.unit);
  if (!first || !last) return fill(words.kpis.noLine, { title });
  return fill(words.kpis.line, { title, days: groups.length, high: of(first), highDay: formatLongDay(first.key), low: of(last), lowDay: formatLongDay(last.key) });
};

export const Days = ({ kpi, title, groups }: { kpi: Kpi; title: string; groups: KpiGroup[] }) => {
  const { place, width } = useWidth();
  const points = groups.map(({ key, figures }): Point => {
    const { value = null, low = null, high = null } = figures[kpi.name] ?? {};
    return { day: key, value, low, high };
  });
  const currency = groups.flatMap((group) => group.figures[kpi.name]?.amount?.currency ?? [])[0] ?? '';
  const mark = (value: number): string => {
    if (kpi.unit === 'share') return formatPercent(value);
    return kpi.unit === 'money' && currency !== '' ? formatMark({ minor: Math.round(value), currency }) : formatTimes(value);
  };
  const x = scalePoint(points.map(({ day }) => day), [EDGE.left, width - EDGE.right]);
  const values = points.flatMap(({ value }) => value ?? []);
  // A day of one message knows nothing: its limits may leave the picture, or they would press every other day flat.
  const top = Math.max(...values, 0) * 1.5;
  const y = scaleLinear([Math.min(0, ...values), top || 1], [HEIGHT - EDGE.bottom, EDGE.top]).nice(4).clamp(true);
  const left = ({ day }: Point): number => x(day) ?? EDGE.left;
  const isKnown = ({ value }: Point): boolean => value !== null;
  const path = line<Point>(left, ({ value }) => y(value ?? 0)).defined(isKnown)(points) ?? '';
  const ground = area<Point>(left, ({ low }) => y(low ?? 0), ({ high }) => y(high ?? 0)).defined(({ low, high }) => low !== null && high !== null)(points) ?? '';
  const every = Math.max(1, Math.ceil(points.length / (width / 92)));
  return (
    <div className="chart parts-days" ref={place}>
      <svg width={width} height={HEIGHT} role="img" aria-label={summed(title, kpi, groups)}>
        {y.ticks(4).map((tick) => (
          <g key={tick} className="chart-grid">
            <line x1={EDGE.left} x2={width - EDGE.right} y1={y(tick)} y2={y(tick)} />
            <text x={EDGE.left - 10} y={y(tick)} dy="0.32em" textAnchor="end">
              {mark(tick)}
            </text>
          </g>
        ))}
        {points.map((point, index) =>
          (points.length - 1 - index) % every === 0 ? (
            <text key={point.day} className="chart-day" x={left(point)} y={HEIGHT - 6} textAnchor={index === points.length - 1 ? 'end' : 'middle'}>
              {formatDay(point.day)}
            </text>
          ) : null,
        )}
        <path className="parts-ground" d={ground} />
        <path className="chart-line chart-attributed" d={path} />
        {points.filter(isKnown).map((point) => (
          <circle key={point.day} className="parts-point" cx={left(point)} cy={y(point.value ?? 0)} r="2.5" />
        ))}
      </svg>
    </div>
  );
};
