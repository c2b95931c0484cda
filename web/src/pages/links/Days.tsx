// Hits per day: people below, machines on top of them. The table says the same to whoever cannot see it.
import { scaleLinear } from 'd3-scale';
import type { LinksReport } from '../../api/types';
import { formatDay, formatLongDay } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { useWidth } from '../../components/useWidth';
import { fill, words } from '../../words';

type Day = LinksReport['days'][number];
const HEIGHT = 180;
const EDGE = { top: 10, right: 4, bottom: 24, left: 40 };

const Bars = ({ days, width }: { days: Day[]; width: number }) => {
  const most = Math.max(1, ...days.map(({ taps, machines }) => taps + machines));
  const y = scaleLinear().domain([0, most]).nice(4).range([HEIGHT - EDGE.bottom, EDGE.top]);
  const step = (width - EDGE.left - EDGE.right) / Math.max(1, days.length);
  const thick = Math.max(1, Math.min(34, step * 0.72));
  const every = Math.max(1, Math.ceil(days.length / Math.max(2, Math.floor(width / 90))));
  const ground = y(0);
  return (
    <svg width={width} height={HEIGHT} aria-hidden="true">
      {y.ticks(4).filter(Number.isInteger).map((tick) => (
        <g key={tick}>
          <line x1={EDGE.left} x2={width - EDGE.right} y1={y(tick)} y2={y(tick)} className="links-grid" />
          <text x={EDGE.left - 8} y={y(tick) + 4} textAnchor="end" className="links-mark">
            {formatCount(tick)}
          </text>
        </g>
      ))}
      {days.map(({ day, taps, machines }, index) => {
        const x = EDGE.left + index * step + (step - thick) / 2;
        return (
          <g key={day}>
            <rect x={x} width={thick} y={y(taps)} height={ground - y(taps)} className="links-people" />
            <rect x={x} width={thick} y={y(taps + machines)} height={y(taps) - y(taps + machines)} className="links-machines" />
            {index % every === 0 && (
              <text x={x + thick / 2} y={HEIGHT - 6} textAnchor="middle" className="links-mark">
                {formatDay(day)}
              </text>
            )}
            <title>{fill(words.links.dayLine, { day: formatLongDay(day), taps: counted(taps, words.counts.tap), machines: formatCount(machines) })}</title>
          </g>
        );
      })}
    </svg>
  );
};

export const Days = ({ days }: { days: Day[] }) => {
  const { place, width } = useWidth();
  return (
    <s-section heading={words.links.dayByDay}>
      <p className="links-legend small">
        <span>
          <i className="links-key-people" />
          {words.links.tapsByPeople}
        </span>
        <span>
          <i className="links-key-machines" />
          {words.links.machines}
        </span>
      </p>
      <div ref={place}>
        <Bars days={days} width={width} />
      </div>
      <div className="hidden">
        <table>
          <caption>{words.links.perDay}</caption>
          <thead>
            <tr>
              <th scope="col">{words.common.day}</th>
              <th scope="col">{words.links.tapsByPeople}</th>
              <th scope="col">{words.links.machines}</th>
            </tr>
          </thead>
          <tbody>
            {days.map(({ day, taps, machines }) => (
              <tr key={day}>
                <th scope="row">{formatLongDay(day)}</th>
                <td>{taps}</td>
                <td>{machines}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </s-section>
  );
};
