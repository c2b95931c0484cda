// One kind of evidence in the form: whether it is looked at, how long it counts and from when, and whether orders are credited to it.
import { useId } from 'react';
import { evidenceName } from '../../lib/words';
import { words } from '../../words';
import { CLOCKS, type Kind, type Span } from './draft';

const nameOf = (kind: string): string => (words.policyForm.kinds as Record<string, string>)[kind] ?? evidenceName(kind);

interface SpanProps {
  value: Span;
  path: string;
  label: string;
  details?: string;
  error: string | undefined;
  endless?: boolean;
  set: (change: Partial<Span>) => void;
}

export const SpanField = ({ value, path, label, details, error, endless = false, set }: SpanProps) => {
  const text = words.policyForm;
  return (
    <div className="policies-span">
      {value.unit !== '' && (
        <s-text-field
          label={label}
          name={path}
          value={value.count}
          details={details}
          error={error}
          autocomplete="off"
          onInput={({ currentTarget }) => set({ count: currentTarget.value ?? '' })}
        />
      )}
      <s-select label={text.unit} name={`${path}.unit`} value={value.unit} onChange={({ currentTarget }) => set({ unit: currentTarget.value ?? '' })}>
        <s-option value="60">{text.minutes}</s-option>
        <s-option value="3600">{text.hours}</s-option>
        <s-option value="86400">{text.days}</s-option>
        {endless && <s-option value="">{text.noLimit}</s-option>}
      </s-select>
    </div>
  );
};

interface Props {
  kind: string;
  value: Kind;
  said: (path: string) => string | undefined;
  set: (change: Partial<Kind>) => void;
}

export const Evidence = ({ kind, value, said, set }: Props) => {
  const text = words.policyForm;
  const id = useId();
  const path = (field: string): string => `kinds.${kind}.${field}`;
  const clocks = CLOCKS[kind];
  const about = (text.clockOf as Record<string, string>)[kind];
  return (
    <li className="policies-kind" role="group" aria-labelledby={id}>
      <span id={id} className="hidden">
        {nameOf(kind)}
      </span>
      <s-checkbox
        label={nameOf(kind)}
        name={`kinds.${kind}`}
        checked={value.on}
        error={value.on ? undefined : said(`kinds.${kind}`)}
        onChange={({ currentTarget }) => set({ on: currentTarget.checked ?? false })}
      />
      {value.on && (
        <div className="policies-terms">
          {value.clock !== 'unlimited' && (
            <SpanField value={value} path={path('window_seconds')} label={text.window} error={said(path('window_seconds'))} endless set={set} />
          )}
          {clocks ? (
            <s-select
              label={text.clock}
              name={path('clock')}
              value={value.clock}
              error={said(path('clock'))}
              onChange={({ currentTarget }) => set({ clock: (currentTarget.value ?? '') as Kind['clock'] })}
            >
              {clocks.map((clock) => (
                <s-option key={clock} value={clock}>
                  {text.clocks[clock]}
                </s-option>
              ))}
            </s-select>
          ) : (
            about && <p className="quiet small">{about}</p>
          )}
          <s-checkbox
            label={text.credited}
            name={path('credited')}
            checked={value.credited}
            details={value.credited ? undefined : text.creditedDetails}
            onChange={({ currentTarget }) => set({ credited: currentTarget.checked ?? true })}
          />
        </div>
      )}
    </li>
  );
};
