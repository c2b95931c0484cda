// Days and filters survive moving between pages and back. Every address holds its own choice; besides, the last choice is kept for
// as long as the tab is open: the days for all pages that have days, the filters for each page. A page that is entered by its bare
// address (the menu, the way back from an order) gets them again.
import { useEffect, useRef } from 'react';
import { useLocation } from 'react-router';

const PAGES = ['/', '/orders', '/links', '/codes', '/messages'];
const DAYS = ['days', 'from', 'to'];
const SHARED = 'recoup:days';
const of = (pathname: string): string => `recoup:filters:${pathname}`;

// A browser may refuse to keep anything, in a frame above all: then the addresses have to do.
const read = (key: string): URLSearchParams => {
  try {
    return new URLSearchParams(sessionStorage.getItem(key) ?? '');
  } catch {
    return new URLSearchParams();
  }
};
const write = (key: string, kept: URLSearchParams): void => {
  try {
    sessionStorage.setItem(key, kept.toString());
  } catch {
    // See above.
  }
};

const pick = (from: URLSearchParams, keep: (key: string) => boolean): URLSearchParams =>
  new URLSearchParams([...from].filter(([key]) => keep(key)));
const isDay = (key: string): boolean => DAYS.includes(key);

/** What was chosen last on a page that keeps its choice. */
export const keptOf = (pathname: string): URLSearchParams | null =>
  PAGES.includes(pathname) ? new URLSearchParams([...read(of(pathname)), ...read(SHARED)]) : null;

/** Where a page that was just entered without any choice should be instead. */
export const useKept = (): string | null => {
  const { pathname, search } = useLocation();
  const before = useRef<string | null>(null);
  const isEntered = before.current !== pathname;
  const kept = isEntered && search === '' ? keptOf(pathname) : null;
  const target = kept && kept.size > 0 ? `${pathname}?${kept}` : null;

  useEffect(() => {
    before.current = pathname;
    if (!PAGES.includes(pathname) || target !== null) return;
    const chosen = new URLSearchParams(search);
    write(of(pathname), pick(chosen, (key) => !isDay(key)));
    const days = pick(chosen, isDay);
    if (days.size > 0) write(SHARED, days);
  }, [pathname, search, target]);

  return target;
};
