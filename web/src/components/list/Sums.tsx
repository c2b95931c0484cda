// What a list comes to, before its rows: counts side by side, and rates with what they rest on.
import type { ReactNode } from 'react';
import { Explain } from '../Explain';
import { formatCount, formatPercent, formatRange } from '../../lib/rates';
import { fill, words } from '../../words';
import './list.css';

export interface Tile {
  key: string;
  name: string;
  value: ReactNode;
  note?: ReactNode;
}

export interface ShareOf {
  numerator: number;
  denominator: number;
  value?: number | null;
  low?: number | null;
  high?: number | null;
}

export interface Rate {
  key: string;
  name: string;
  /** How it is counted. */
  definition: string;
  of: ShareOf;
}

const RateTile = ({ rate: { key, name, definition, of } }: { rate: Rate }) => (
  <div data-rate={key}>
    <dt>
      {name} <Explain title={name} text={definition} />
    </dt>
    <dd>
      {of.value == null ? words.kpis.none : formatPercent(of.value)}
      <span className="quiet small below">
        {of.denominator === 0 ? words.list.nothingYet : fill(words.kpis.counts, { numerator: formatCount(of.numerator), denominator: formatCount(of.denominator) })}
        {of.low != null && of.high != null && ` · ${formatRange({ low: of.low, high: of.high })}`}
      </span>
    </dd>
  </div>
);

export const Sums = ({ label, tiles, rates = [], children }: { label: string; tiles: Tile[]; rates?: Rate[]; children?: ReactNode }) => (
  <s-section accessibilityLabel={label}>
    <dl className="sums">
      {tiles.map(({ key, name, value, note }) => (
        <div key={key} data-sum={key}>
          <dt>{name}</dt>
          <dd>
            {value}
            {note && <span className="quiet small below">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
    {rates.length > 0 && (
      <dl className="sums sums-rates">
        {rates.map((rate) => (
          <RateTile key={rate.key} rate={rate} />
        ))}
      </dl>
    )}
    {children}
  </s-section>
);
