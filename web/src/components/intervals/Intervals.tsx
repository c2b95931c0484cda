// Intervals on one line, with zero marked: what is known of an effect, and no more. Four things always hold:
// 1. every number of the picture stands in words above it, so that it is read out, copied and found without the picture;
// 2. an interval that touches zero is neutral, and its dot is hollow: no colour says what the interval does not. Of many that are
//    looked at, one may be drawn so that does not touch it;
// 3. zero is always in sight;
// 4. all lines share one scale.
import { scaleLinear } from 'd3-scale';
import { useId } from 'react';
import { useWidth } from '../useWidth';
import { toneOf } from './tone';
import './intervals.css';

export interface Line {
  id: string;
  name: string;
  /** Its numbers in words. */
  said: string;
  /** `range`: an estimate with its limits. `bar`: an amount nobody doubts. `blind`: where nothing can be seen yet. */
  kind?: 'range' | 'bar' | 'blind';
  value: number;
  low: number;
  high: number;
  /** Drawn without a colour although it does not touch zero: one of many that were looked at. */
  isNeutral?: boolean;
}

interface Props {
  label: string;
  lines: Line[];
  /** A mark of the axis. */
  mark: (value: number) => string;
  /** What zero means, where that is not plain. */
  zero?: string;
  /** A point to compare with, in the picture alone: its words stand elsewhere. */
  point?: { at: number; name: string };
  /** An interval that all lines are held against. */
  behind?: { low: number; high: number };
  large?: boolean;
}

type Scale = (value: number) => number;

const EDGE = 26;

const Range = ({ line: { value, low, high, isNeutral }, x, y }: { line: Line; x: Scale; y: number }) => (
  <g className={`interval-${isNeutral ? 'neutral' : toneOf({ low, high })}`}>
    <rect className="interval-band" x={x(low)} width={Math.max(2, x(high) - x(low))} y={y - 7} height="14" rx="3" />
    <path className="interval-ends" d={`M${x(low)} ${y - 9}v18M${x(high)} ${y - 9}v18`} />
    <circle className="interval-dot" cx={x(value)} cy={y} r="5.5" />
  </g>
);

const Bar = ({ line: { value }, x, y }: { line: Line; x: Scale; y: number }) => (
  <rect className="interval-bar" x={Math.min(x(0), x(value))} width={Math.max(2, Math.abs(x(value) - x(0)))} y={y - 5} height="10" rx="2" />
);

const Blind = ({ line: { low, high }, x, y, hatch }: { line: Line; x: Scale; y: number; hatch: string }) => (
  <rect className="interval-blind" x={x(low)} width={Math.max(2, x(high) - x(low))} y={y - 10} height="20" rx="3" fill={`url(#${hatch})`} />
);

export const Intervals = ({ label, lines, mark, zero, point, behind, large }: Props) => {
  const { place, width } = useWidth();
  const id = useId().replaceAll(':', '');
  const ends = [0, ...lines.flatMap(({ value, low, high }) => [value, low, high]), ...(point ? [point.at] : []), ...(behind ? [behind.low, behind.high] : [])];
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  const x = scaleLinear([least, most === least ? least + 1 : most], [EDGE, width - EDGE]).nice(4);
  const ticks = x.ticks(Math.max(2, Math.min(6, Math.round(width / 110))));
  const height = large ? 46 : 30;
  const y = height / 2;
  return (
    <div className={large ? 'intervals intervals-large' : 'intervals'} role="figure" aria-label={label} ref={place}>
      {lines.map((line) => (
        <div key={line.id} className="interval" data-line={line.id}>
          <p>
            <span className="interval-name">{line.name}</span> <span className="interval-said">{line.said}</span>
          </p>
          <svg width={width} height={height} aria-hidden="true">
            <defs>
              <pattern id={`${id}${line.id}`} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <path className="interval-hatch" d="M0 0v7" />
              </pattern>
            </defs>
            {behind && <rect className={`interval-behind interval-${toneOf(behind)}`} x={x(behind.low)} width={Math.max(2, x(behind.high) - x(behind.low))} y="0" height={height} />}
            <line className="interval-axis" x1={EDGE / 2} x2={width - EDGE / 2} y1={y} y2={y} />
            {line.kind === 'blind' && <Blind line={line} x={x} y={y} hatch={`${id}${line.id}`} />}
            <line className="interval-zero" x1={x(0)} x2={x(0)} y1="0" y2={height} />
            {line.kind === 'bar' && <Bar line={line} x={x} y={y} />}
            {(line.kind ?? 'range') === 'range' && <Range line={line} x={x} y={y} />}
            {point && <path className="interval-point" d={`M${x(point.at)} ${y - 6}l6 6-6 6-6-6z`} />}
          </svg>
        </div>
      ))}
      <svg width={width} height={point ? 46 : zero ? 34 : 20} aria-hidden="true" className="interval-ticks">
        <line className="interval-zero" x1={x(0)} x2={x(0)} y1="0" y2="6" />
        {ticks.map((tick) => (
          <text key={tick} x={x(tick)} y="16" textAnchor="middle" className={tick === 0 ? 'interval-at-zero' : undefined}>
            {mark(tick)}
          </text>
        ))}
        {zero && (
          <text x={x(0)} y="30" textAnchor={x(0) < width * 0.25 ? 'start' : x(0) > width * 0.75 ? 'end' : 'middle'}>
            {zero}
          </text>
        )}
        {point && (
          <text x={x(point.at)} y="44" textAnchor={x(point.at) < width * 0.7 ? 'start' : 'end'}>
            ◆ {point.name}
          </text>
        )}
      </svg>
    </div>
  );
};
