// How it is measured what messages cause: whom new campaigns leave alone, what the shop earns on its goods, and its programme.
import { useState } from 'react';
import type { Settings } from '../../api/types';
import { Loaded } from '../../components/page-states';
import { Planner } from '../../components/planner/Planner';
import { useChangeSettings, useSettings } from '../../components/settings';
import { formatShare } from '../../lib/rates';
import { fill, words } from '../../words';
import { usePrograms } from '../lift/queries';
import { SavedForm, Wrong } from './SavedForm';

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
  const before = { holdout: written(settings.default_holdout), margin: settings.margin == null ? '' : written(settings.margin) };
  const [typed, type] = useState(before);
  const [plans, plan] = useState(false);
  const holdout = shareOf(typed.holdout);
  const isDirty = typed.holdout !== before.holdout || typed.margin !== before.margin;
  return (
    <SavedForm
      saving={change}
      isDirty={isDirty}
      submit={() => change.mutate({ default_holdout: holdout, margin: typed.margin.trim() === '' ? null : shareOf(typed.margin) })}
      undo={() => type(before)}
      action={words.shop.effectSave}
    >
      <div className="shop-pair">
        <label>
          <span className="quiet small">{words.shop.defaultHoldout} (%)</span>
          <input type="text" inputMode="decimal" name="default_holdout" value={typed.holdout} onChange={(event) => type({ ...typed, holdout: event.target.value })} />
          <span className="quiet small below">{words.shop.defaultHoldoutText}</span>
          <Wrong saving={change} field="default_holdout" text={words.edit.wrongHoldout} />
        </label>
        <label>
          <span className="quiet small">{words.shop.margin} (%)</span>
          <input type="text" inputMode="decimal" name="margin" value={typed.margin} onChange={(event) => type({ ...typed, margin: event.target.value })} />
          <span className="quiet small below">{words.shop.marginText}</span>
          <Wrong saving={change} field="margin" text={words.shop.wrongMargin} />
        </label>
      </div>
      <details onToggle={(event) => plan(event.currentTarget.open)}>
        <summary>{words.shop.effectPlan}</summary>
        {plans && <Planner share={holdout >= 0 && holdout <= 0.9 ? holdout : 0} choose={(share) => type({ ...typed, holdout: written(share) })} mayBeNobody />}
      </details>
    </SavedForm>
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
