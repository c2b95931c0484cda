// Who else claims what is claimed: ours with certain and strong apart, then every other way, by channel.
import type { Claims } from '../../api/types';
import { counted, formatPercent } from '../../lib/rates';
import { channelName, className } from '../../lib/words';
import { words } from '../../words';
import { wayName, type Way } from './names';

type Part = Way['claimed'];

const Cell = ({ share, orders }: { share: number | null | undefined; orders: number }) => (
  <td style={{ backgroundColor: `rgb(184 102 11 / ${Math.min(0.45, (share ?? 0) * 0.45)})` }}>
    {share == null ? (
      '–'
    ) : (
      <>
        <strong>{formatPercent(share)}</strong>
        <span className="small below">{counted(orders, words.counts.order)}</span>
      </>
    )}
  </td>
);

const Row = ({ name, part, own }: { name: string; part: Part; own?: boolean }) => (
  <tr className={own ? 'claims-own' : undefined}>
    <th scope="row">
      {name}
      <span className="quiet small below">{counted(part.orders, words.counts.order)}</span>
    </th>
    {part.also.map((one) => (
      <Cell key={one.channel} share={one.share} orders={one.orders} />
    ))}
    <Cell share={part.also_share} orders={part.also_any.orders} />
  </tr>
);

export const Overlap = ({ claims: { ways, channels } }: { claims: Claims }) => {
  const [own, ...others] = ways;
  return (
    <s-section heading={words.claims.overlap}>
      <p className="quiet small claims-lead">
        {words.claims.overlapText} {words.claims.lower}
      </p>
      <div className="scroll" role="group" aria-label={words.claims.overlap} tabIndex={0}>
        <table className="claims-table claims-heat">
          <thead>
            <tr>
              <th scope="col">{words.claims.way}</th>
              {channels.map((channel) => (
                <th key={channel} scope="col">
                  {channelName(channel)}
                </th>
              ))}
              <th scope="col">{words.claims.any}</th>
            </tr>
          </thead>
          <tbody>
            {own && (
              <>
                <Row name={words.claims.whole} part={own.claimed} own />
                <Row name={className('certain')} part={own.certain} />
                <Row name={className('strong')} part={own.strong} />
              </>
            )}
            {others.map((way) => (
              <Row key={way.policy} name={wayName(way)} part={way.claimed} />
            ))}
          </tbody>
        </table>
      </div>
    </s-section>
  );
};
