// A page that is a file of its own, fetched when somebody goes there: or a moment before, when its address is known already.
import { use, type ComponentType, type ReactElement } from 'react';

export interface Late {
  (): ReactElement | null;
  /** Starts to fetch it. A failure waits for whoever draws it. */
  fetch: () => Promise<void>;
}

export const late = (load: () => Promise<ComponentType>): Late => {
  let found: ComponentType | undefined;
  let coming: Promise<void> | undefined;
  const fetch = (): Promise<void> => {
    if (!coming) {
      coming = load().then((page) => {
        found = page;
      });
      coming.catch(() => undefined);
    }
    return coming;
  };
  const Page = () => {
    // What is here is drawn at once: no fallback flashes by.
    if (!found) use(fetch());
    const Found = found;
    return Found ? <Found /> : null;
  };
  return Object.assign(Page, { fetch });
};

export const isLate = (type: unknown): type is Late => typeof type === 'function' && 'fetch' in type;
