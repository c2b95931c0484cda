// The nine models side by side over the same journeys: each says whom it gives what, and that it proves no cause.
import type { Journeys, Money } from '../../api/types';
import { Amount } from '../../components/Amount';
import { formatMoney, shareOf } from '../../lib/money';
import { formatCount, formatPercent } from '../../lib/rates';
import { channelName, MODEL_IDS, modelName } from '../../lib/words';
import { fill, words } from '../../words';

type Channel = Journeys['channels'][number];

const amountOf = (channel: Channel, model: string): Money | null => {
  if (model === 'markov') return channel.markov?.amount ?? null;
  return channel.shares.find((share) => share.model === model)?.amount ?? null;
};

const shade = (share: number) => ({ backgroundColor: `rgb(12 122 91 / ${Math.min(0.32, Math.max(0, share) * 0.32)})` });

const Cell = ({ channel, model, value }: { channel: Channel; model: string; value: Money }) => {
  if (model === 'shapley') {
    const rate = channel.shapley_rate;
    return rate == null ? <td>{words.kpis.none}</td> : <td style={shade(rate)}>{formatPercent(rate)}</td>;
  }
  const amount = amountOf(channel, model);
  if (amount === null) return <td>{words.kpis.none}</td>;
  const share = shareOf(amount, value);
  return (
    <td style={shade(share)}>
      <Amount of={amount} />
      <span className="small below">{formatPercent(share)}</span>
    </td>
  );
};

const textOf = (model: string): string => (words.journeys.ofModels as Record<string, string>)[model] ?? '';

export const Models = ({ journeys: { channels, value } }: { journeys: Journeys }) => {
  if (channels.length === 0) return null;
  return (
    <s-section heading={words.journeys.models}>
      <p className="quiet small journeys-text">{fill(words.journeys.modelsText, { value: formatMoney(value) })}</p>
      <div className="scroll" role="group" aria-label={words.journeys.models} tabIndex={0}>
        <table className="journeys-table">
          <thead>
            <tr>
              <th scope="col">{words.journeys.channel}</th>
              <th scope="col">{words.journeys.touched}</th>
              {MODEL_IDS.map((model) => (
                <th key={model} scope="col">
                  {modelName(model)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {channels.map((channel) => (
              <tr key={channel.channel}>
                <th scope="row">{channelName(channel.channel)}</th>
                <td>{formatCount(channel.journeys)}</td>
                {MODEL_IDS.map((model) => (
                  <Cell key={model} channel={channel} model={model} value={value} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <dl className="journeys-models small">
        {MODEL_IDS.map((model) => (
          <div key={model}>
            <dt>{modelName(model)}</dt>
            <dd>
              {textOf(model)} <span className="quiet">{words.journeys.noCause}</span>
            </dd>
          </div>
        ))}
      </dl>
    </s-section>
  );
};
