// The words merchants read for what the API names by identifiers. An identifier nobody here knows is shown in readable form
// rather than hidden, so that a newer server is never misreported.
import { words } from '../words';

const readable = (id: string): string => {
  const text = id.replaceAll('_', ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const named = (names: Readonly<Record<string, string>>, id: string): string => names[id] ?? readable(id);

type Tone = 'success' | 'info' | 'warning' | 'neutral' | 'caution';

// Which identifiers there are is the same in every language.
export const LINE_IDS = Object.keys(words.names.lines);
export const MODEL_IDS = Object.keys(words.names.models);
export const LIST_IDS = Object.keys(words.names.lists);

const LINE_TONES: Record<string, Tone> = { attributed: 'success', attributed_shared: 'success', pending: 'warning' };
export const lineName = (line: string): string => named(words.names.lines, line);
export const lineTone = (line: string): Tone => LINE_TONES[line] ?? 'neutral';

const OUTCOME_TONES: Record<string, Tone> = { won: 'success', agrees: 'success', outside_window: 'warning', yielded: 'warning' };
export const outcomeName = (outcome: string): string => named(words.names.outcomes, outcome);
export const outcomeTone = (outcome: string): Tone => OUTCOME_TONES[outcome] ?? 'neutral';

export const evidenceName = (kind: string): string => named(words.names.evidence, kind);
export const className = (id: string): string => named(words.names.classes, id);
export const kindName = (kind: string): string => named(words.names.kinds, kind);
export const modelName = (model: string): string => named(words.names.models, model);
export const channelName = (channel: string): string => named(words.names.channels, channel);
export const paymentName = (status: string): string => named(words.names.payments, status.toLowerCase());
export const sourceName = (source: string): string => named(words.names.sources, source.startsWith('subscription_contract') ? 'subscription' : source);
/** Why a hit on a link does not count. */
export const reasonName = (reason: string): string => named(words.names.reasons, reason);
/** What happened in a message's life. */
export const momentName = (what: string): string => named(words.names.moments, what);
/** What a list of orders shows when it was opened from a number: exactly what that number counts. */
export const listName = (measure: string): string => named(words.names.lists, measure);

/** The five headline measures: what each one is, and how it is counted. */
export type Measure = keyof typeof words.names.measures;
export const measureWords = (measure: Measure): { name: string; short: string; long: string } => words.names.measures[measure];
