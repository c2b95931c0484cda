// Sales over time. One picture for the eye, one table for the ear, one slider for the keyboard: all three say the same numbers.
import { scaleLinear, scalePoint } from 'd3-scale';
import { area, curveMonotoneX, line } from 'd3-shape';
import { useState, type PointerEvent } from 'react';
import type { Summary } from '../../api/types';
import { formatDay, formatLongDay } from '../../lib/dates';
import { inSentence } from '../../lib/locale';
import { formatMark, formatMoney } from '../../lib/money';
import { fill, words } from '../../words';
import { useWidth } from '../../components/useWidth';

type Point = Summary['series'][number];
type Key = 'net_sales' | 'attributed' | 'recovered';

const lines = (): { key: Key; name: string }[] => [
  { key: 'net_sales', name: words.overview.netSales },
  { key: 'attributed', name: words.overview.attributed },
  { key: 'recovered', name: words.overview.recovered },
];
const HEIGHT = 248;
const EDGE = { top: 12, right: 10, bottom: 26, left: 54 };

const say = (point: Point): string =>
  `${formatLongDay(point.day)}: ${lines().map(({ key, name }) => `${inSentence(name)} ${formatMoney(point[key])}`).join(', ')}`;

const Tip = ({ point, x, width }: { point: Point; x: number; width: number }) => (
  <div className="chart-tip" style={x > width / 2 ? { right: width - x + 12 } : { left: x + 12 }} aria-hidden="true">
    <strong>{formatLongDay(point.day)}</strong>
    {lines().map(({ key, name }) => (
      <span key={key}>
        <i className={`chart-key chart-${key}`} />
        {name}
        <b className="amount">{formatMoney(point[key])}</b>
      </span>
    ))}
  </div>
);

const HiddenTable = ({ series }: { series: Point[] }) => (
  <div className="hidden">
    <table>
      <caption>{words.overview.perDay}</caption>
      <thead>
        <tr>
          <th scope="col">{words.common.day}</th>
          {lines().map(({ key, name }) => (
            <th key={key} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {series.map((point) => (
          <tr key={point.day}>
            <th scope="row">{formatLongDay(point.day)}</th>
            {lines().map(({ key }) => (
              <td key={key}>{formatMoney(point[key])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const Picture = ({ series, currency }: { series: Point[]; currency: string }) => {
  const { place, width } = useWidth();
  const [at, setAt] = useState<number | null>(null);
  const days = series.map(({ day }) => day);
  const x = scalePoint(days, [EDGE.left, width - EDGE.right]);
  const values = series.flatMap((point) => lines().map(({ key }) => point[key].minor));
  const y = scaleLinear([Math.min(0, ...values), Math.max(1, ...values)], [HEIGHT - EDGE.bottom, EDGE.top]).nice(4);
  const left = (point: Point): number => x(point.day) ?? EDGE.left;
  const path = (key: Key) => line<Point>(left, (point) => y(point[key].minor)).curve(curveMonotoneX)(series) ?? '';
  const ground = area<Point>(left, y(0), (point) => y(point.net_sales.minor)).curve(curveMonotoneX)(series) ?? '';
  const every = Math.max(1, Math.ceil(series.length / (width / 92)));
  // One day alone has no line to see: its marks are always shown.
  const shown = at ?? (series.length === 1 ? 0 : null);
  const marked = shown === null ? undefined : series[shown];

  const onMove = (event: PointerEvent<SVGSVGElement>): void => {
    const along = event.clientX - event.currentTarget.getBoundingClientRect().left - EDGE.left;
    const step = x.step() || 1;
    setAt(Math.min(series.length - 1, Math.max(0, Math.round(along / step))));
  };

  return (
    <div className="chart" ref={place}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={fill(words.overview.chart, { series: series.length })}
        onPointerMove={onMove}
        onPointerLeave={() => setAt(null)}
      >
        {y.ticks(4).map((tick) => (
          <g key={tick} className="chart-grid">
            <line x1={EDGE.left} x2={width - EDGE.right} y1={y(tick)} y2={y(tick)} />
            <text x={EDGE.left - 10} y={y(tick)} dy="0.32em" textAnchor="end">
              {formatMark({ minor: Math.round(tick), currency })}
            </text>
          </g>
        ))}
        {series.map((point, index) =>
          (series.length - 1 - index) % every === 0 ? (
            <text key={point.day} className="chart-day" x={left(point)} y={HEIGHT - 6} textAnchor={index === series.length - 1 ? 'end' : 'middle'}>
              {formatDay(point.day)}
            </text>
          ) : null,
        )}
        <path className="chart-ground" d={ground} />
        {lines().map(({ key }) => (
          <path key={key} className={`chart-line chart-${key}`} d={path(key)} />
        ))}
        {marked && (
          <g className="chart-mark">
            <line x1={left(marked)} x2={left(marked)} y1={EDGE.top} y2={HEIGHT - EDGE.bottom} />
            {lines().map(({ key }) => (
              <circle key={key} className={`chart-${key}`} cx={left(marked)} cy={y(marked[key].minor)} r="4" />
            ))}
          </g>
        )}
      </svg>
      {marked && <Tip point={marked} x={left(marked)} width={width} />}
      <input
        className="chart-slider"
        type="range"
        min={0}
        max={series.length - 1}
        value={at ?? series.length - 1}
        aria-label={words.overview.step}
        aria-valuetext={say(marked ?? series[series.length - 1]!)}
        onChange={(event) => setAt(Number(event.target.value))}
        onFocus={() => setAt(at ?? series.length - 1)}
        onBlur={() => setAt(null)}
      />
    </div>
  );
};

export const Chart = ({ summary: { series, currency } }: { summary: Summary }) => (
  <s-section heading={words.overview.overTime}>
    <ul className="chart-legend" aria-hidden="true">
      {lines().map(({ key, name }) => (
        <li key={key}>
          <i className={`chart-key chart-${key}`} />
          {name}
        </li>
      ))}
    </ul>
    {series.length === 0 ? <p className="quiet">{words.overview.noSales}</p> : <Picture series={series} currency={currency} />}
    <HiddenTable series={series} />
  </s-section>
);
