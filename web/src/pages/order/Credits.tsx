// How each way of sharing credit would split this order. Each one shares the whole order; they are answers to different questions.
import type { Receipt } from '../../api/types';
import { Amount } from '../../components/Amount';
import { channelName, MODEL_IDS, modelName } from '../../lib/words';
import { words } from '../../words';

type Credit = Receipt['credits'][number];

const byModel = (credits: Credit[]): [string, Credit[]][] => {
  const groups = new Map<string, Credit[]>();
  for (const credit of credits) groups.set(credit.model, [...(groups.get(credit.model) ?? []), credit]);
  return [...groups].sort(([a], [b]) => MODEL_IDS.indexOf(a) - MODEL_IDS.indexOf(b));
};

export const Credits = ({ receipt: { credits, candidates } }: { receipt: Receipt }) => {
  if (credits.length === 0) return null;
  const nameOf = ({ campaign, message_id: id, channel }: Credit): string =>
    campaign?.name ?? candidates.find((candidate) => candidate.message_id === id)?.campaign.name ?? channelName(channel);
  return (
    <s-section heading={words.order.credit}>
      <dl className="credits">
        {byModel(credits).map(([model, shares]) => (
          <div key={model}>
            <dt>{modelName(model)}</dt>
            {shares.map((share, index) => (
              <dd key={`${share.message_id ?? 'other'}-${index}`}>
                <span className="quiet">{nameOf(share)}</span>
                <Amount of={share.credit} />
              </dd>
            ))}
          </div>
        ))}
      </dl>
      <p className="quiet small">{words.order.noCause}</p>
    </s-section>
  );
};
