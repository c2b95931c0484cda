// How it is measured what messages cause: whom new campaigns leave alone, what the shop earns on its goods, and its programme.
import { useEffect, useRef, useState } from 'react';
import { fromThrown } from '../../api/problem';
import type { Settings } from '../../api/types';
import { Loaded } from '../../components/page-states';
import { Planner } from '../../components/planner/Planner';
import { useChangeSettings, useSettings } from '../../components/settings';
import { LeaveGuard } from '../../components/Unsaved';
import { focusFirst } from '../../lib/focus';
import { formatShare } from '../../lib/rates';
import { fill, words } from '../../words';
import { usePrograms } from '../lift/queries';

const written = (share: number): string => String(Number((share * 100).toFixed(4)));

/** Per cent as they are typed, as the share they are; what is none goes to the server as one it refuses. */
const shareOf = (typed: string): number => {
  const text = typed.trim().replace(',', '.');
  return /^\d{1,3}(\.\d{1,4})?$/.test(text) ? Math.round(Number(text) * 10_000) / 1_000_000 : -1;
};

const Program = () => {
  const programs = usePrograms();
  if (!programs.data) return null;
  const { running } = programs.data;
  return (
    <p>
      {running ? fill(words.shop.programRunning, { share: formatShare(running.share) }) : words.shop.programNone} <s-link href="/lift">{words.shop.programSee}</s-link>
    </p>
  );
};

const Choice = ({ settings, change }: { settings: Settings; change: ReturnType<typeof useChangeSettings> }) => {
  const place = useRef<HTMLFormElement>(null);
  const before = { holdout: written(settings.default_holdout), margin: settings.margin == null ? '' : written(settings.margin) };
  const [typed, type] = useState(before);
  const [plans, plan] = useState(false);
  const holdout = shareOf(typed.holdout);
  const isDirty = typed.holdout !== before.holdout || typed.margin !== before.margin;
  const refused = change.error ? fromThrown(change.error) : undefined;
  useEffect(() => {
    const field = change.error ? fromThrown(change.error).field : undefined;
    if (field) focusFirst(place.current, (name) => name === field);
  }, [change.error]);
  const wrong = (field: string) => refused?.field === field && <span className="shop-wrong">{field === 'margin' ? words.shop.wrongMargin : words.edit.wrongHoldout}</span>;
  return (
    <form
      ref={place}
      className="shop-add"
      data-save-bar
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ default_holdout: holdout, margin: typed.margin.trim() === '' ? null : shareOf(typed.margin) });
      }}
      onReset={(event) => {
        event.preventDefault();
        type(before);
        change.reset();
      }}
    >
      <LeaveGuard when={isDirty} />
      <div className="shop-pair">
        <label>
          <span className="quiet small">{words.shop.defaultHoldout} (%)</span>
          <input type="text" inputMode="decimal" name="default_holdout" value={typed.holdout} onChange={(event) => type({ ...typed, holdout: event.target.value })} />
          <span className="quiet small below">{words.shop.defaultHoldoutText}</span>
          {wrong('default_holdout')}
        </label>
        <label>
          <span className="quiet small">{words.shop.margin} (%)</span>
          <input type="text" inputMode="decimal" name="margin" value={typed.margin} onChange={(event) => type({ ...typed, margin: event.target.value })} />
          <span className="quiet small below">{words.shop.marginText}</span>
          {wrong('margin')}
        </label>
      </div>
      <details onToggle={(event) => plan(event.currentTarget.open)}>
        <summary>{words.shop.effectPlan}</summary>
        {plans && <Planner share={holdout >= 0 && holdout <= 0.9 ? holdout : 0} choose={(share) => type({ ...typed, holdout: written(share) })} mayBeNobody />}
      </details>
      {refused && !refused.field && <s-banner tone="critical">{refused.detail}</s-banner>}
      <div>
        <s-button variant="primary" loading={change.isPending} onClick={() => place.current?.requestSubmit()}>
          {words.shop.effectSave}
        </s-button>{' '}
        <span role="status" className="small">
          {change.isSuccess && !isDirty && words.common.saved}
        </span>
      </div>
    </form>
  );
};

export const Effect = () => {
  // Kept here, above the form that begins anew with what was saved, so that it can still say so.
  const change = useChangeSettings();
  return (
    <s-section heading={words.shop.effect}>
      <div className="stack">
        <p className="quiet">{words.shop.effectText}</p>
        <Program />
        <Loaded of={useSettings()} lines={3}>
          {(settings) => <Choice key={`${settings.default_holdout} ${settings.margin}`} settings={settings} change={change} />}
        </Loaded>
      </div>
    </s-section>
  );
};
