// The life as a line from top to bottom. A hit says whether it counts, and why, in words.
import type { Moment, Timeline } from '../../api/types';
import { useShop } from '../../app/shop';
import { Amount } from '../../components/Amount';
import { formatMoment, formatSpan, secondsBetween } from '../../lib/dates';
import { counted } from '../../lib/rates';
import { told } from '../../lib/sentence';
import { momentName } from '../../lib/words';
import { fill, said, words } from '../../words';

type Hit = NonNullable<Moment['hit']>;

const toneOf = ({ what, hit }: Moment): string => {
  if (hit) return hit.human ? 'person' : 'machine';
  if (what === 'ordered') return 'order';
  return ['failed', 'restated', 'code_expired', 'code_revoked'].includes(what) ? 'taken' : 'message';
};

const nameOf = ({ what, hit }: Moment): string => {
  if (!hit) return momentName(what);
  if (!hit.human) return hit.program ? fill(words.message.machineNamed, { program: hit.program }) : words.checkout.machine;
  return hit.visit ? words.order.tapped : words.order.tappedAgain;
};

const HitWords = ({ hit }: { hit: Hit }) => (
  <>
    {hit.reasons.map(({ reason, sentence }) => (
      <span key={reason} className="below">
        {said(sentence)}
      </span>
    ))}
    {hit.human && (
      <span className="quiet small below">
        {hit.with_code && words.message.withCode}
        {hit.expired && words.message.codeOver}
        {hit.from_meta && words.message.fromMeta}
      </span>
    )}
    {hit.browser && <span className="mono quiet below">{hit.browser}</span>}
  </>
);

interface Props {
  life: Timeline;
  /** The way to more hits, where there are more. */
  more?: () => void;
  isFetching: boolean;
}

export const Life = ({ life, more, isFetching }: Props) => {
  const { time_zone: zone } = useShop();
  return (
    <s-section heading={words.order.happened}>
      <ol className="life">
        {life.moments.map((moment, index) => {
          const before = life.moments[index - 1];
          const gap = before ? secondsBetween(before.at, moment.at) : 0;
          return (
            <li key={`${moment.at}-${moment.what}-${index}`} className={`life-${toneOf(moment)}`}>
              <time dateTime={moment.at}>
                {formatMoment(moment.at, zone)}
                {gap > 0 && <span className="quiet small below">{fill(words.order.later, { span: formatSpan(gap) })}</span>}
              </time>
              <i aria-hidden="true" />
              <div className="life-words">
                <strong>
                  {nameOf(moment)}
                  {moment.hit && !moment.hit.human && <s-badge>{words.message.notCounted}</s-badge>}
                </strong>
                {moment.hit ? <HitWords hit={moment.hit} /> : <span>{told(moment.sentence, zone)}</span>}
                {moment.order && (
                  <span>
                    <s-link href={`/orders/${moment.order.shopify_order_id}`}>{fill(words.order.title, { name: moment.order.name })}</s-link>
                    {words.checkout.withSales}
                    <Amount of={moment.order.net_sales} />
                  </span>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      {life.hits_left_out > 0 && (
        <p className="quiet small">{fill(words.message.moreHits, { times: counted(life.hits_left_out, words.counts.moreTime) })}</p>
      )}
      {more && (
        <div>
          <s-button loading={isFetching} onClick={more}>
            {words.message.showHits}
          </s-button>
        </div>
      )}
      <p className="quiet small life-foot">
        {fill(words.message.judged, { rules: life.rules })}
      </p>
    </s-section>
  );
};
