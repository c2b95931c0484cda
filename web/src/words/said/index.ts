// What the server says, in the reader's language. The server speaks English; its sentences are the keys, each with places for what
// is of one case (a name, a number, another sentence), as gettext does it. So a sentence has one place where it is written, and
// a language one where it is translated. A sentence nobody here knows stays English rather than being hidden.
//
// A place: `{name}` takes what stands there, `{n}` a number, `{at}` and its
// like an instant. `{name!}` must itself be a sentence that is known. `{name?}` may be one.

type Pattern = [match: RegExp, places: [name: string, kind: string][], text: string, weight: number];

export interface Language {
  of: (sentence: string) => string;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
export const PLACE = /\{(\w+)([!?]?)\}/g;

const INSTANTS = /^(at|when|since|end|slot|day|earliest)$/;
const takenBy = (name = ''): string => (name === 'n' ? '([\\d.,]+)' : INSTANTS.test(name) ? '([\\dTZ:.+ -]+)' : '(.+?)');

const patternOf = ([key, text]: [string, string]): Pattern => {
  const places = [...key.matchAll(PLACE)].map(([, name = '', kind = '']): [string, string] => [name, kind]);
  const between = key.split(/\{\w+[!?]?\}/).map(escaped);
  const match = between.reduce((before, after, at) => `${before}${takenBy(places[at - 1]?.[0])}${after}`);
  return [new RegExp(`^${match}$`, 's'), places, text, key.replace(PLACE, '').length];
};

/** Those of a language, by their English. */
export const languageOf = (said: Readonly<Record<string, string>>): Language => {
  const exact = new Map(Object.entries(said).filter(([key]) => !key.includes('{')));
  const patterns = Object.entries(said)
    .filter(([key]) => key.includes('{'))
    .map(patternOf)
    .sort((a, b) => b[3] - a[3]);
  const kept = new Map<string, string | null>();

  const filled = (sentence: string): string | null => {
    for (const [match, places, text] of patterns) {
      const found = match.exec(sentence)?.slice(1);
      if (!found) continue;
      const values = places.map(([name, kind], at): [string, string | null] => {
        const value = found[at] ?? '';
        return [name, kind === '' ? value : (known(value) ?? (kind === '!' ? null : value))];
      });
      if (values.some(([, value]) => value === null)) continue;
      const by = new Map(values);
      return text.replace(/\{(\w+)\}/g, (place, name: string) => by.get(name) ?? place);
    }
    return null;
  };

  /** The whole of it, or nothing. */
  const known = (sentence: string): string | null => {
    const before = kept.get(sentence);
    if (before !== undefined) return before;
    const told = exact.get(sentence) ?? inSentences(sentence) ?? filled(sentence);
    if (kept.size > 5_000) kept.clear();
    kept.set(sentence, told);
    return told;
  };

  /** Several sentences one after the other, the longest known beginning first. */
  const inSentences = (text: string): string | null => {
    const ends = [...text.matchAll(/[.!?] (?=\S)/g)].map(({ index }) => index + 1).reverse();
    for (const end of ends) {
      const first = exact.get(text.slice(0, end)) ?? filled(text.slice(0, end));
      const rest = first === null ? null : known(text.slice(end + 1));
      if (first !== null && rest !== null) return `${first} ${rest}`;
    }
    return null;
  };

  /** As far as it is known, sentence by sentence. */
  const partly = (text: string): string => {
    const whole = known(text);
    if (whole !== null) return whole;
    const end = text.search(/[.!?] (?=\S)/) + 1;
    return end === 0 ? text : `${known(text.slice(0, end)) ?? text.slice(0, end)} ${partly(text.slice(end + 1))}`;
  };

  return { of: partly };
};
