// Leads the eye and the keyboard to what is wrong.

const FIELDS = '[name], s-text-field, s-select, s-checkbox, s-date-field';

const nameOf = (field: HTMLElement): string => field.getAttribute('name') ?? (field as HTMLElement & { name?: string }).name ?? '';

/** Focuses the first field of a form, in the order in which they stand, that is wrong by its name. */
export const focusFirst = (form: HTMLElement | null, isWrong: (name: string) => boolean): void => {
  const fields = [...(form?.querySelectorAll<HTMLElement>(FIELDS) ?? [])];
  const first = fields.find((field) => isWrong(nameOf(field)));
  first?.focus();
  first?.scrollIntoView?.({ block: 'center' });
};
