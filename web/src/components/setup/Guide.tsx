// The first steps: what is connected, what is missing, what happens next. On the overview until all is done, and with the settings.
import { useQuery } from '@tanstack/react-query';
import { get, must } from '../../api/client';
import type { SetupStep } from '../../api/types';
import { useShop } from '../../app/shop';
import { formatInstant } from '../../lib/dates';
import { told } from '../../lib/sentence';
import { fill, words } from '../../words';
import './setup.css';

const MINUTE = 60_000;

/** Looked at again while something is still to come; what is done is asked for rarely. */
export const useSetup = () =>
  useQuery({ queryKey: ['setup'], queryFn: () => must(get('/api/setup')), staleTime: ({ state }) => (state.data?.finished ? 10 * MINUTE : MINUTE / 2) });

/** Where the merchant can do something about it. */
const PLACES: Partial<Record<SetupStep['step'], string>> = { platform: '/shop#keys', campaign: '/campaigns/new', link_domain: '/shop#links', pixel: '/shop#connection', code: '/codes', message: '/messages', order: '/orders' };
const TONES = { done: 'success', waiting: 'info', todo: 'warning', attention: 'critical' } as const;

const Step = ({ step, isNext }: { step: SetupStep; isNext: boolean }) => {
  const { time_zone: zone } = useShop();
  const place = PLACES[step.step];
  return (
    <li className={`setup-${step.state}${isNext ? ' setup-next' : ''}`} data-step={step.step} aria-current={isNext ? 'step' : undefined}>
      <i aria-hidden="true">{step.state === 'done' ? '✓' : ''}</i>
      <div>
        <strong>
          {words.setup.steps[step.step]} <s-badge tone={TONES[step.state]}>{step.optional && step.state === 'todo' ? words.setup.optional : words.setup.states[step.state]}</s-badge>
        </strong>
        <p className="small">
          {told(step.sentence, zone)} {step.at && <span className="quiet">{fill(words.setup.since, { at: formatInstant(step.at, zone) })}</span>}
        </p>
        {place && step.state !== 'done' && (
          <p className="small">
            <s-link href={place}>{words.setup.go[step.step as keyof typeof words.setup.go]}</s-link>
          </p>
        )}
      </div>
    </li>
  );
};

export const Guide = ({ always = false }: { always?: boolean }) => {
  const { data } = useSetup();
  if (!data || (data.finished && !always)) return null;
  return (
    <s-section heading={data.finished ? words.setup.finished : words.setup.heading}>
      <div className="stack">
        <div className="setup-bar">
          <span>{fill(words.setup.progress, { done: data.done, of: data.of })}</span>
          <progress aria-label={words.setup.heading} value={data.done} max={data.of} />
        </div>
        <ol className="setup">
          {data.steps.map((step) => (
            <Step key={step.step} step={step} isNext={step.step === data.next} />
          ))}
        </ol>
      </div>
    </s-section>
  );
};
