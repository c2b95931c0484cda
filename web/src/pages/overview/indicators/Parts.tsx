// One indicator in parts: of each day, month, campaign, … Days are a line, everything is a table that can be sorted. A small picture
// stands below each name: where the truth lies for a rate, how much for money. Its numbers stand beside it in words.
import { useState } from 'react';
import type { Kpi, KpiGroup } from '../../../api/types';
import { useShop } from '../../../app/shop';
import { Explain } from '../../../components/Explain';
import { told } from '../../../lib/sentence';
import { formatCount } from '../../../lib/rates';
import { fill, said, words } from '../../../words';
import { Days } from './Days';
import { countsOf, limitsOf, textOf, valueOf } from './figures';
import { type By, nameOf, type Order, sorted } from './parts';
import './parts.css';

/** Shown first: what most merchants look for. */
const USUAL = 'conversion_rate';

const Picture = ({ group, kpi, most }: { group: KpiGroup; kpi: Kpi; most: number }) => {
  const figure = group.figures[kpi.name];
  if (figure?.value == null || most <= 0) return null;
  const at = (value: number): string => `${Math.min(100, Math.max(0, (value / most) * 100))}%`;
  const { value, low, high } = figure;
  if (low == null || high == null) {
    return (
      <span className="parts-picture" aria-hidden="true">
        <i className="parts-bar" style={{ width: at(value) }} />
      </span>
    );
  }
  return (
    <span className="parts-picture" aria-hidden="true">
      <i className="parts-band" style={{ left: at(low), width: `calc(${at(high)} - ${at(low)})` }} />
      <i className="parts-dot" style={{ left: at(value) }} />
    </span>
  );
};

const Name = ({ by, group, href }: { by: By; group: KpiGroup; href: string | null }) => {
  const { time_zone: zone } = useShop();
  return href ? <s-link href={href}>{nameOf(by, group, zone)}</s-link> : <span>{nameOf(by, group, zone)}</span>;
};

const Heading = ({ order, chosen, choose, children }: { order: Order; chosen: Order; choose: (order: Order) => void; children: string }) => (
  <th scope="col" aria-sort={chosen === order ? (order === 'name' ? 'ascending' : 'descending') : undefined}>
    <button type="button" onClick={() => choose(chosen === order ? 'as told' : order)}>
      {children} <span aria-hidden="true">{chosen === order ? (order === 'name' ? '▴' : '▾') : '↕'}</span>
    </button>
  </th>
);

interface Props {
  by: By;
  kpis: Kpi[];
  groups: KpiGroup[];
  definition: string;
  /** Where a part's name leads. */
  hrefOf: (group: KpiGroup) => string | null;
}

export const Parts = ({ by, kpis, groups, definition, hrefOf }: Props) => {
  const { time_zone: zone } = useShop();
  const [name, choose] = useState(USUAL);
  const [order, sort] = useState<Order>('as told');
  const kpi = kpis.find((one) => one.name === name) ?? kpis[0];
  if (!kpi) return null;
  const { title, definition: how, note } = textOf(kpi);
  const figures = groups.flatMap((group) => group.figures[kpi.name] ?? []);
  const most = Math.max(0, ...figures.map(({ value, high }) => high ?? value ?? 0));
  return (
    <div className="parts">
      <div className="parts-choice">
        <s-select label={words.kpis.indicator} value={kpi.name} onChange={(event) => choose(event.currentTarget.value)}>
          {kpis.map((one) => (
            <s-option key={one.name} value={one.name}>
              {textOf(one).title}
            </s-option>
          ))}
        </s-select>
        <Explain title={title} text={`${how} ${note}`.trim()} />
      </div>
      {by === 'day' && <Days kpi={kpi} title={title} groups={groups} />}
      <table className="parts-table">
        <caption className="hidden">{fill(words.kpis.tableOf, { title, by: words.kpis.ways[by] })}</caption>
        <thead>
          <tr>
            <Heading order="name" chosen={order} choose={sort}>{words.kpis.part[by]}</Heading>
            <Heading order="value" chosen={order} choose={sort}>{title}</Heading>
            <Heading order="messages" chosen={order} choose={sort}>{words.shell.messages}</Heading>
          </tr>
        </thead>
        <tbody>
          {sorted(groups, by, kpi, order, zone).map((group) => {
            const figure = group.figures[kpi.name];
            return (
              <tr key={group.key} data-part={group.key}>
                <th scope="row">
                  <Name by={by} group={group} href={hrefOf(group)} />
                  <Picture group={group} kpi={kpi} most={most} />
                </th>
                <td>
                  <strong>{figure ? valueOf(figure, kpi.unit) : words.kpis.none}</strong>
                  {figure && figure.value != null && (
                    <span className="quiet small below">{[countsOf(figure, kpi.unit), limitsOf(figure, kpi.unit)].filter((text) => text !== '' && text !== words.kpis.none).join(' · ')}</span>
                  )}
                  {figure?.why && <span className="quiet small below">{said(figure.why)}</span>}
                </td>
                <td>{formatCount(group.messages)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="quiet small">{told(definition, zone)}</p>
    </div>
  );
};
