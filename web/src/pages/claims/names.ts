// What the ways of counting are called.
import type { Claims } from '../../api/types';
import { fill, words } from '../../words';

export type Way = Claims['ways'][number];

export const wayName = ({ own, vendor, policy }: Pick<Way, 'own' | 'vendor' | 'policy'>): string => {
  if (own) return words.claims.own;
  return vendor && vendor !== 'Recoup' ? vendor : fill(words.policies.onlyCertain, { policy });
};
