// What the states of a checkout are called, and what each list says when it is empty.
import type { AbandonedCheckout } from '../../api/types';
import { words } from '../../words';
import type { Choice } from './queries';

type State = AbandonedCheckout['state'];

const states = (): Record<State, string> => ({
  active: words.checkouts.active,
  open: words.checkouts.open,
  messaged: words.checkouts.messaged,
  held_out: words.checkout.leftAlone,
  recovered: words.overview.recovered,
  withdrawn: words.checkout.elsewhere,
  deleted: words.checkout.deleted,
  over: words.campaign.over,
});
export const stateName = (state: State): string => states()[state];

export const stateTone = (state: State): 'success' | 'warning' | 'info' | 'neutral' => {
  if (state === 'recovered') return 'success';
  if (state === 'open') return 'warning';
  return state === 'messaged' ? 'info' : 'neutral';
};

export const choices = (): Record<Choice, { name: string; none: string }> => ({
  abandoned: { name: words.checkouts.allQuiet, none: words.checkouts.noneQuiet },
  open: { name: words.checkouts.open, none: words.checkouts.noneOpen },
  messaged: { name: words.checkouts.messaged, none: words.checkouts.noneMessaged },
  held_out: { name: words.checkouts.heldOut, none: words.checkouts.noneHeldOut },
  recovered: { name: words.overview.recovered, none: words.checkouts.noneRecovered },
  withdrawn: { name: words.checkouts.withdrawn, none: words.checkouts.noneWithdrawn },
  deleted: { name: words.campaign.stateDeleted, none: words.checkouts.noneDeleted },
});
