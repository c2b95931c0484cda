// Meta counts clicks too, in two ways: its numbers beside ours, and why they differ.
import type { HitCounts, LinksReport } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment } from '../../lib/dates';
import { counted, formatCount } from '../../lib/rates';
import { told } from '../../lib/sentence';

type Templates = LinksReport['witness']['templates'];

const Line = ({ name, count }: { name: string; count: number }) => (
  <div className="links-line">
    <dt>{name}</dt>
    <dd className="amount">{formatCount(count)}</dd>
  </div>
);

const figure = (count: number | null | undefined): string => (count === null || count === undefined ? 'not told' : formatCount(count));

/** Ours and Meta's, a line for each thing both count. */
const compared = ({ ours, ...meta }: Templates): [string, string, string][] => [
  ['Taps on the link', formatCount(ours.taps), figure(meta.url_clicks)],
  ['Hits in all, machines too', formatCount(ours.raw), '–'],
  ['Accounts that tapped, each once a day', '–', figure(meta.unique_url_clicks)],
  ['Sent', formatCount(ours.sent), figure(meta.sent)],
  ['Delivered', formatCount(ours.delivered), figure(meta.delivered)],
  ['Read', formatCount(ours.read), figure(meta.read)],
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
              <span className="hidden">What is counted</span>
            </th>
            <th scope="col">We counted</th>
            <th scope="col">Meta counted</th>
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
        {counted(templates.templates, 'template')}, {counted(templates.days, 'day')}, last told {formatMoment(templates.told_at, zone)}.
        {templates.counted_from && templates.counted_until && (
          <>
            {' '}
            Both columns count from {formatMoment(templates.counted_from, zone)} until {formatMoment(templates.counted_until, zone)}.
          </>
        )}
        {templates.spent.map((money) => (
          <span key={money.currency}>
            {' '}
            Meta charged <Amount of={money} />.
          </span>
        ))}
      </p>
    </>
  );
};

export const MetaComparison = ({ witness, total }: { witness: LinksReport['witness']; total: HitCounts }) => (
  <s-section heading="Beside Meta’s own count">
    <dl className="links-witness">
      <Line name="Taps we counted" count={total.taps} />
      <Line name="of them with Meta’s click id" count={witness.taps_with_meta_id} />
      <Line name="Clicks Meta told us of" count={witness.meta_clicks} />
      <Line name="of them seen by us too" count={witness.seen_by_us} />
    </dl>
    <p className="quiet small">{witness.sentence}</p>
    <h3 className="links-third">Meta’s template analytics</h3>
    <OfTemplates templates={witness.templates} />
  </s-section>
);
