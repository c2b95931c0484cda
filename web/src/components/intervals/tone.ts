// What may be said of an interval by its colour.
export type Tone = 'gain' | 'loss' | 'neutral';

/** An interval that touches zero shows neither a gain nor a loss. */
export const toneOf = ({ low, high }: { low: number; high: number }): Tone => {
  if (low > 0) return 'gain';
  return high < 0 ? 'loss' : 'neutral';
};
