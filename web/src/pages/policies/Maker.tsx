// A policy of the merchant's own: begun from one that is there, changed, saved, and looked at before anything is counted by it.
import { useEffect, useRef, useState } from 'react';
import { fromThrown, unticked } from '../../api/problem';
import type { Policies, Policy } from '../../api/types';
import { Confirm } from '../../components/Confirm';
import { LeaveGuard, UNSAVED } from '../../components/Unsaved';
import { focusFirst } from '../../lib/focus';
import { fill, words } from '../../words';
import { bodyOf, draftOf, type Draft, type Kind } from './draft';
import { Evidence, SpanField } from './Evidence';
import { useMake } from './queries';

/** What one may begin from: the newest version of each policy of the shop, then the presets. */
const startsOf = ({ policies, presets }: Policies): { key: string; label: string; document: Policy }[] => {
  const text = words.policyForm;
  const newest = policies.filter((one) => !policies.some((other) => other.name === one.name && other.version > one.version));
  return [
    ...newest.map(({ name, version, document }) => ({ key: `own:${name}`, label: fill(text.startOwn, { name, version }), document })),
    ...presets.map(({ name, vendor, document }) => ({ key: `preset:${name}`, label: fill(text.startVendor, { vendor, name }), document })),
  ];
};

/** What the server found wrong at a field, in the form's own units. */
const saidOf = (field: string, detail: string, name: string, presets: Policies['presets']): string => {
  const text = words.policyForm;
  if (field.endsWith('.window_seconds')) return text.windowProblem;
  if (field === 'abandoned_after_seconds') return text.abandonedProblem;
  if (field === 'name' && presets.some((preset) => preset.name === name)) return text.nameTaken;
  if (field === 'name' && !/^[\w-]{1,60}$/.test(name)) return text.nameProblem;
  return unticked(detail);
};

interface Props {
  kept: Policies;
  made: (policy: Policy, isNew: boolean) => void;
  close: () => void;
}

const Form = ({ kept, made, close }: Props) => {
  const text = words.policyForm;
  const place = useRef<HTMLFormElement>(null);
  const make = useMake();
  const starts = startsOf(kept);
  const kinds = kept.kinds.map(({ kind }) => kind);
  const [start, setStart] = useState(starts[0]?.key ?? '');
  const documentOf = (key: string): Policy => starts.find((one) => one.key === key)?.document ?? { name: '', kinds: {} };
  const [before] = useState(() => draftOf(documentOf(start), kinds, ''));
  const [draft, setDraft] = useState(before);
  const [asks, ask] = useState(false);
  const set = (change: Partial<Draft>): void => setDraft((now) => ({ ...now, ...change }));
  const body = bodyOf(draft);
  // A refusal is about what was sent: once the draft is another, it may well be taken.
  const [sent, send] = useState('');
  const refusal = make.error && sent === JSON.stringify(body) ? fromThrown(make.error) : null;
  const said = (path: string): string | undefined =>
    refusal?.field === path ? saidOf(path, refusal.detail, body.name, kept.presets) : undefined;
  const isDirty = JSON.stringify(draft) !== JSON.stringify(before);
  const newest = kept.policies.filter(({ name }) => name === body.name).reduce((most, { version }) => Math.max(most, version), 0);

  useEffect(() => {
    const field = make.error ? fromThrown(make.error).field : undefined;
    if (field) focusFirst(place.current, (name) => name === field);
  }, [make.error]);

  const press = (): void => {
    send(JSON.stringify(body));
    make.mutate(body, { onSuccess: (policy) => made(policy, !kept.policies.some(({ name, version }) => name === policy.name && version === policy.version)) });
  };
  // A field the form does not have is said above the button, never swallowed.
  const isPlaced = refusal?.field !== undefined && ['name', 'abandoned_after_seconds', ...kinds.flatMap((kind) => [`kinds.${kind}.window_seconds`, `kinds.${kind}.clock`])].includes(refusal.field);
  return (
    <form
      ref={place}
      className="stack policies-form"
      data-save-bar
      data-discard-confirmation
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        press();
      }}
      onReset={(event) => {
        event.preventDefault();
        setDraft(before);
      }}
    >
      <LeaveGuard when={isDirty && !make.isSuccess} />
      <div className="edit-row">
        <s-select
          label={text.start}
          name="start"
          value={start}
          details={text.startDetails}
          onChange={({ currentTarget: { value } }) => {
            setStart(value ?? '');
            setDraft((now) => draftOf(documentOf(value ?? ''), kinds, now.name));
          }}
        >
          {starts.map(({ key, label }) => (
            <s-option key={key} value={key}>
              {label}
            </s-option>
          ))}
        </s-select>
        <s-text-field
          label={text.name}
          name="name"
          value={draft.name}
          details={newest > 0 ? fill(text.nameNext, { version: newest + 1 }) : text.nameDetails}
          error={said('name')}
          autocomplete="off"
          onInput={({ currentTarget }) => set({ name: currentTarget.value ?? '' })}
        />
      </div>
      <fieldset className="edit-set">
        <legend>{text.evidence}</legend>
        <p className="quiet small">{text.evidenceLead}</p>
        <ul className="policies-kinds">
          {Object.entries(draft.kinds).map(([kind, value]) => (
            <Evidence
              key={kind}
              kind={kind}
              value={value}
              said={said}
              set={(change: Partial<Kind>) => setDraft((now) => ({ ...now, kinds: { ...now.kinds, [kind]: { ...value, ...change } } }))}
            />
          ))}
        </ul>
      </fieldset>
      <fieldset className="edit-set">
        <legend>{text.decide}</legend>
        <s-select label={text.pick} name="pick" value={draft.pick} onChange={({ currentTarget }) => set({ pick: currentTarget.value as Draft['pick'] })}>
          <s-option value="strongest">{text.picks.strongest}</s-option>
          <s-option value="latest">{text.picks.latest}</s-option>
        </s-select>
        <s-select label={text.veto} name="veto" value={draft.veto} onChange={({ currentTarget }) => set({ veto: currentTarget.value as Draft['veto'] })}>
          <s-option value="weak">{text.vetoes.weak}</s-option>
          <s-option value="all">{text.vetoes.all}</s-option>
          <s-option value="none">{text.vetoes.none}</s-option>
        </s-select>
        <s-checkbox label={text.shared} name="credit_shared" checked={draft.shared} onChange={({ currentTarget }) => set({ shared: currentTarget.checked ?? true })} />
      </fieldset>
      <fieldset className="edit-set">
        <legend>{text.worth}</legend>
        <s-select label={text.basis} name="basis" value={draft.basis} onChange={({ currentTarget }) => set({ basis: currentTarget.value as Draft['basis'] })}>
          <s-option value="net_sales">{text.bases.net_sales}</s-option>
          <s-option value="total_sales">{text.bases.total_sales}</s-option>
        </s-select>
        <SpanField
          value={draft.abandoned}
          path="abandoned_after_seconds"
          label={text.abandoned}
          details={text.abandonedDetails}
          error={said('abandoned_after_seconds')}
          set={(change) => set({ abandoned: { ...draft.abandoned, ...change } })}
        />
      </fieldset>
      {refusal && !isPlaced && (
        <s-banner tone="critical" heading={refusal.title}>
          {refusal.detail}
        </s-banner>
      )}
      <div className="edit-save">
        <s-button variant="primary" loading={make.isPending} onClick={press}>
          {text.save}
        </s-button>
        <s-button onClick={() => (isDirty ? ask(true) : close())}>{text.cancel}</s-button>
      </div>
      {asks && (
        <Confirm {...UNSAVED()} critical isPending={false} error={null} onClose={() => ask(false)} onConfirm={close}>
          <p>{UNSAVED().text}</p>
        </Confirm>
      )}
    </form>
  );
};

/** The way in, and the form once somebody took it. */
export const Maker = ({ kept, choose }: { kept: Policies; choose: (name: string) => void }) => {
  const text = words.policyForm;
  const [isOpen, setOpen] = useState(false);
  const [news, tell] = useState('');
  return (
    <s-section heading={text.heading}>
      <div role="status">{news !== '' && <s-banner tone="success">{news}</s-banner>}</div>
      {isOpen ? (
        <Form
          kept={kept}
          close={() => setOpen(false)}
          made={(policy, isNew) => {
            setOpen(false);
            tell(fill(isNew ? text.saved : text.same, { name: policy.name, version: policy.version ?? 1 }));
            choose(policy.name);
          }}
        />
      ) : (
        <div className="policies-open">
          <p>{text.lead}</p>
          <s-button
            onClick={() => {
              tell('');
              setOpen(true);
            }}
          >
            {text.open}
          </s-button>
        </div>
      )}
    </s-section>
  );
};
