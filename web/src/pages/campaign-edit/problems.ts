// Problems at their fields. The server says what is wrong and where; the few fields that this form asks for in other units than
// the API are told in the form's own.
import { fromThrown, unticked } from '../../api/problem';
import type { Preview } from '../../api/types';
import { said, words } from '../../words';

const inOurUnits = (): Record<string, string> => ({
  'offer.percentage': words.edit.wrongPercentage,
  'offer.amount_minor': words.edit.wrongAmount,
  minimum_subtotal_minor: words.edit.wrongSubtotal,
  minimum_quantity: words.edit.wrongPieces,
  applies_to: words.edit.wrongThings,
  'applies_to.products': words.edit.wrongProducts,
  'applies_to.collections': words.edit.wrongCollections,
  'expiry.after_seconds': words.edit.wrongAfter,
  'expiry.slot_seconds': words.edit.wrongSlot,
  holdout: words.edit.wrongHoldout,
  'arms.nothing': words.edit.wrongHoldout,
  arms: words.edit.wrongArms,
  expected_recipients: words.edit.wrongExpected,
  cost_per_message: words.edit.wrongCost,
});

export type Problems = ReadonlyMap<string, string>;

export const problemsOf = (preview: Preview | undefined, refusals: unknown[]): Problems => {
  const found = new Map<string, string>();
  const note = (field: string, detail: string) => !found.has(field) && found.set(field, inOurUnits()[field] ?? unticked(said(detail)));
  for (const { field, detail } of preview?.problems ?? []) note(field, detail);
  for (const refusal of refusals.filter(Boolean)) {
    const { field, detail } = fromThrown(refusal);
    if (field) note(field, detail);
  }
  return found;
};
