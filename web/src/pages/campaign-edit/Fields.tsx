// The fields, each bound to its place in the draft: told what is wrong once it was touched, locked when recipients were drawn
// under it.
import { createContext, useContext, type ReactNode } from 'react';
import { words } from '../../words';
import type { Draft } from './draft';
import type { Problems } from './problems';

type Text = { [K in keyof Draft]: Draft[K] extends string ? K : never }[keyof Draft];
type Flag = { [K in keyof Draft]: Draft[K] extends boolean ? K : never }[keyof Draft];

export interface Form {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  touch: (path: string) => void;
  /** What is wrong at a field, if it is to be said already. */
  said: (path: string) => string | undefined;
  problems: Problems;
  isLocked: (path: string) => boolean;
}

export const FormContext = createContext<Form | null>(null);

export const useForm = (): Form => {
  const form = useContext(FormContext);
  if (!form) throw new Error('a field stands outside its form');
  return form;
};

interface Bound<K> {
  field: K;
  /** The API's name of it. */
  path: string;
  label: string;
  details?: string;
}

export const TextField = ({ field, path, label, details, ...more }: Bound<Text> & { suffix?: string; prefix?: string; placeholder?: string }) => {
  const { draft, set, touch, said, isLocked } = useForm();
  return (
    <s-text-field
      label={label}
      name={path}
      value={draft[field]}
      details={details}
      error={said(path)}
      disabled={isLocked(path)}
      autocomplete="off"
      {...more}
      onInput={(event) => {
        touch(path);
        set({ [field]: event.currentTarget.value ?? '' });
      }}
      onBlur={() => touch(path)}
    />
  );
};

export const SelectField = ({ field, path, label, details, options }: Bound<Text> & { options: [string, string][] }) => {
  const { draft, set, touch, said, isLocked } = useForm();
  return (
    <s-select
      label={label}
      name={path}
      value={draft[field]}
      details={details}
      error={said(path)}
      disabled={isLocked(path)}
      onChange={(event) => {
        touch(path);
        set({ [field]: event.currentTarget.value ?? '' });
      }}
    >
      {options.map(([value, name]) => (
        <s-option key={value} value={value}>
          {name}
        </s-option>
      ))}
    </s-select>
  );
};

export const CheckField = ({ field, path, label, details }: Bound<Flag>) => {
  const { draft, set, touch, said, isLocked } = useForm();
  return (
    <s-checkbox
      label={label}
      name={path}
      checked={draft[field]}
      details={details}
      error={said(path)}
      disabled={isLocked(path)}
      onChange={(event) => {
        touch(path);
        set({ [field]: event.currentTarget.checked ?? false });
      }}
    />
  );
};

/** A group of fields, with one line that says what it decides. */
export const Group = ({ heading, lead, locks, children }: { heading: string; lead: string; locks?: string[]; children: ReactNode }) => {
  const { isLocked } = useForm();
  return (
    <s-section heading={heading}>
      <div className="stack edit-group">
        <p className="quiet small">{lead}</p>
        {locks?.some(isLocked) && (
          <p className="edit-locked small">
            {words.edit.locked}
          </p>
        )}
        {children}
      </div>
    </s-section>
  );
};
