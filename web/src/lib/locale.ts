// Whose numbers and dates the merchant reads: the first locale asked for whose language we speak, with its region (`de-AT`), else
// plain English. Words, dates and money are always of one language.
const KEPT = 'recoup:locale';

let chosen = 'en-US';

export const locale = (): string => chosen;

export const languageOf = (tag: string): string => tag.split('-')[0] ?? tag;

const canonical = (tag: string): string | undefined => {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
};

/** A name amid a sentence: German keeps its capitals. */
export const inSentence = (name: string): string => (languageOf(chosen) === 'en' ? name.toLowerCase() : name);

// A browser may refuse to keep anything, in a frame above all: then the admin's script and the browser's own have to do.
const kept = (asked: string | null): string | null => {
  try {
    if (asked) sessionStorage.setItem(KEPT, asked);
    return sessionStorage.getItem(KEPT);
  } catch {
    return asked;
  }
};

/**
 * The admin names its language in the address of the first load only, so that it is kept for as long as the tab is open. Outside
 * the admin it is the browser's.
 */
export const chooseLocale = (languages: readonly string[], search = window.location.search): string => {
  const named = canonical(new URLSearchParams(search).get('locale') ?? '') ?? null;
  const admin = kept(named) ?? window.shopify?.config?.locale;
  const asked = admin ? [admin] : (navigator.languages ?? [navigator.language]);
  chosen = asked.map((tag) => canonical(tag ?? '')).find((tag) => tag !== undefined && languages.includes(languageOf(tag))) ?? 'en-US';
  return chosen;
};
