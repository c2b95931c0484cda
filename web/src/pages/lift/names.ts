// What groups, policies and ages of carts are called. An identifier nobody here knows is shown as it is.
import type { OverAttribution } from '../../api/types';
import { formatTimes } from '../../lib/rates';
import { fill, words } from '../../words';

export const armName = (name: string): string => (words.lift.arms as Record<string, string>)[name] ?? name;

export const policyName = (policy: string): string => {
  if (policy === 'default') return words.claims.own;
  return policy === 'strict' ? fill(words.policies.onlyCertain, { policy }) : policy.charAt(0).toUpperCase() + policy.slice(1);
};

/** "Between 1.6 and 8.3 times what was caused": never a number where the interval gives none. */
export const timesOf = (index: OverAttribution): string => {
  switch (index.form) {
    case 'between':
      return fill(words.lift.times.between, { low: formatTimes(index.low), high: formatTimes(index.high) });
    case 'outside':
      return index.at_least != null && index.at_least > 0 ? fill(words.lift.times.atLeast, { times: formatTimes(index.at_least) }) : words.lift.times.anything;
    case 'anything':
      return words.lift.times.anything;
  }
};
