// Meta counts clicks too, in two ways: its numbers beside ours, and why they differ.
import type { HitCounts, LinksReport } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { fill, said, words } from '../../words';
import { rich } from '../../words/rich';

type Templates = LinksReport['witness']['templates'];

const Line = ({ name, count }: { name: string; count: number }) => (
  <div className="links-line">
    <dt>{name}</dt>
    <dd className="amount">{formatCount(count)}</dd>
  </div>
);

const figure = (count: number | null | undefined): string => (count === null || count === undefined ? words.links.notTold : formatCount(count));

/** Ours and Meta's, a line for each thing both count. */
const compared = ({ ours, ...meta }: Templates): [string, string, string][] => [
  [words.links.linkTaps, formatCount(ours.taps), figure(meta.url_clicks)],
  [words.links.allWithMachines, formatCount(ours.raw), '–'],
  [words.links.accounts, '–', figure(meta.unique_url_clicks)],
  [words.overview.sent, formatCount(ours.sent), figure(meta.sent)],
  [words.overview.delivered, formatCount(ours.delivered), figure(meta.delivered)],
  [words.overview.read, formatCount(ours.read), figure(meta.read)],
];

const OfTemplates = ({ templates }: { templates: Templates }) => {
  const { time_zone: zone } = useShop();
  if (!templates.told_at) return <p className="quiet small">{told(templates.sentence, zone)}</p>;
  return (
    <>
      <table className="links-templates">
        <thead>
          <tr>
            <th scope="col">
              <span className="hidden">{words.links.whatCounted}</span>
            </th>
            <th scope="col">{words.links.weCounted}</th>
            <th scope="col">{words.links.metaCounted}</th>
          </tr>
        </thead>
        <tbody>
          {compared(templates).map(([name, ours, meta]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="amount">{ours}</td>
              <td className="amount">{meta}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="quiet small">{told(templates.sentence, zone)}</p>
      <p className="quiet small">
        {fill(words.links.lastTold, { templates: counted(templates.templates, words.counts.template), days: counted(templates.days, words.counts.day), told_at: formatMoment(templates.told_at, zone) })}
        {templates.counted_from && templates.counted_until && (
          <>
            {' '}
            {fill(words.links.bothFrom, { counted_from: formatMoment(templates.counted_from, zone), counted_until: formatMoment(templates.counted_until, zone) })}
          </>
        )}
        {templates.spent.map((money) => (
          <span key={money.currency}>
            {' '}
            {rich(words.links.charged, { money: <Amount of={money} /> })}
          </span>
        ))}
      </p>
    </>
  );
};

export const MetaComparison = ({ witness, total }: { witness: LinksReport['witness']; total: HitCounts }) => (
  <s-section heading={words.links.beside}>
    <dl className="links-witness">
      <Line name={words.links.tapsWeCounted} count={total.taps} />
      <Line name={words.links.withMetaId} count={witness.taps_with_meta_id} />
      <Line name={words.links.clicksMeta} count={witness.meta_clicks} />
      <Line name={words.links.seenByUs} count={witness.seen_by_us} />
    </dl>
    <p className="quiet small">{said(witness.sentence)}</p>
    <h3 className="links-third">{words.links.analytics}</h3>
    <OfTemplates templates={witness.templates} />
  </s-section>
);
