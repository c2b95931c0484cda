// Problems at their fields. The server says what is wrong and where; the few fields that this form asks for in other units than
// the API are told in the form's own.
import { fromThrown, unticked } from '../../api/problem';
import type { Preview } from '../../api/types';

const IN_OUR_UNITS: Record<string, string> = {
  'offer.percentage': 'Write per cent above 0 and at most 100, with at most two decimals, such as 15 or 12.5.',
  'offer.amount_minor': 'Write an amount above 0, such as 10.',
  minimum_subtotal_minor: 'Write an amount above 0, such as 50, or choose no minimum.',
  minimum_quantity: 'Write a whole number of pieces, 1 or more, or choose no minimum.',
  applies_to: 'Name 1 to 100 of them, or choose the whole order.',
  'applies_to.products': 'Write the numbers of 1 to 100 products, each once.',
  'applies_to.collections': 'Write the numbers of 1 to 100 collections, each once.',
  'expiry.after_seconds': 'Choose a time from 15 minutes to one year (366 days).',
  'expiry.slot_seconds': 'Choose a width from 15 minutes to 24 hours.',
  holdout: 'Choose from 0 to 90 per cent.',
  expected_recipients: 'Write a whole number from 0 to 10 million, or leave it empty.',
  cost_per_message: 'Write an amount such as 0.08, or leave it empty.',
};

export type Problems = ReadonlyMap<string, string>;

export const problemsOf = (preview: Preview | undefined, refusals: unknown[]): Problems => {
  const found = new Map<string, string>();
  const note = (field: string, detail: string) => !found.has(field) && found.set(field, IN_OUR_UNITS[field] ?? unticked(detail));
  for (const { field, detail } of preview?.problems ?? []) note(field, detail);
  for (const refusal of refusals.filter(Boolean)) {
    const { field, detail } = fromThrown(refusal);
    if (field) note(field, detail);
  }
  return found;
};
