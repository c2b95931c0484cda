// How something stands, in a word and a colour.
import type { Health } from '../../api/types';
import { words } from '../../words';

const TONES = { well: 'success', waiting: 'neutral', attention: 'warning' } as const;

export const Mark = ({ of }: { of: Health['standing'] }) => <s-badge tone={TONES[of]}>{words.health.standings[of]}</s-badge>;
