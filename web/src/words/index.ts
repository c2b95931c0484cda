// The words of the interface. English is the source: its shape is what every other language must have, which the type checker
// says. A language is one file of this folder, named by its tag, that exports `words: Catalogue`; it is fetched only when somebody
// reads it. It is chosen once, before the first page is drawn: so `words` is asked while drawing, never while a module loads.
import { locale, languageOf } from '../lib/locale';
import { words as english } from './en';
import { type Language, languageOf as saidBy } from './said';

export interface Plural extends Partial<Record<Intl.LDMLPluralRule, string>> {
  other: string;
}
export type Words = typeof english;
type Told<T> = T extends string ? string : T extends { one: string; other: string } ? Plural : { [K in keyof T]: Told<T[K]> };
export type Catalogue = Told<Words>;

export let words: Words = english;

const others = import.meta.glob<{ words: Catalogue }>(['./??.ts', '!./en.ts']);
const sentences = import.meta.glob<{ said: Record<string, string> }>('./said/??.ts');
let server: Language | null = null;

/** A sentence of the server's, in the language of the page. */
export const said = (sentence: string): string => server?.of(sentence) ?? sentence;

export const LANGUAGES = ['en', ...Object.keys(others).map((path) => path.slice(2, 4))];

/** Draws from now on in the language of that locale. One that cannot be fetched is no reason to show nothing. */
export const speak = async (tag: string): Promise<void> => {
  const language = languageOf(tag);
  try {
    const [other, told] = await Promise.all([others[`./${language}.ts`]?.(), sentences[`./said/${language}.ts`]?.()]);
    words = other ? (other.words as Words) : english;
    server = told ? saidBy(told.said) : null;
    document.documentElement.lang = other ? language : 'en';
  } catch {
    words = english;
    server = null;
  }
};

type Place<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Place<Rest> : never;
type Said<T> = T extends string ? T : T[keyof T] extends string ? T[keyof T] : never;
/** What a text has places for, by the English one. */
export type Values<T, V> = { [Name in Place<Said<T>>]: V };

/** A text with its places filled. */
export const fill = <const T extends string>(text: T, values: Values<T, string | number>): string =>
  text.replace(/\{(\w+)\}/g, (place, name: string) => String((values as Record<string, string | number>)[name] ?? place));

/** The form of a text for so many, with its places filled. */
export const plural = <const T extends Plural>(forms: T, count: number, values: Values<T, string | number>): string =>
  fill(formOf(forms, count), values as never);

export const formOf = (forms: Plural, count: number): string => forms[new Intl.PluralRules(locale()).select(count)] ?? forms.other;
