// What the states of a checkout are called, and what each list says when it is empty.
import type { AbandonedCheckout } from '../../api/types';
import type { Choice } from './queries';

type State = AbandonedCheckout['state'];

const STATES: Record<State, string> = {
  active: 'Being worked on',
  open: 'Nobody written to yet',
  messaged: 'Message drawn',
  held_out: 'Left alone',
  recovered: 'Recovered',
  withdrawn: 'Bought elsewhere',
  deleted: 'Deleted',
  over: 'Over',
};
export const stateName = (state: State): string => STATES[state];

export const stateTone = (state: State): 'success' | 'warning' | 'info' | 'neutral' => {
  if (state === 'recovered') return 'success';
  if (state === 'open') return 'warning';
  return state === 'messaged' ? 'info' : 'neutral';
};

export const CHOICES: Record<Choice, { name: string; none: string }> = {
  abandoned: { name: 'All that lie quiet now', none: 'No checkout lies quiet' },
  open: { name: 'Nobody written to yet', none: 'Everybody has been written to' },
  messaged: { name: 'Message drawn', none: 'No message is out about a quiet checkout' },
  held_out: { name: 'Left alone for comparison', none: 'Nobody with a quiet checkout is left alone' },
  recovered: { name: 'Recovered', none: 'No checkout was recovered yet' },
  withdrawn: { name: 'Bought elsewhere in the shop', none: 'No offer was withdrawn' },
  deleted: { name: 'Deleted at Shopify', none: 'No quiet checkout was deleted' },
};
