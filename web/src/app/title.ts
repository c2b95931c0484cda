// The tab's title is the page's own heading, as it comes to be known: "Order #1001 · Recoup".
import { useEffect } from 'react';

const NAME = 'Recoup';

/** What Polaris's page and our fallback call it. */
const headingOf = (page: Element | null): string => (page as (Element & { heading?: string | null }) | null)?.heading ?? page?.getAttribute('heading') ?? '';

export const useTitle = (): void => {
  useEffect(() => {
    const write = (): void => {
      const heading = headingOf(document.querySelector('s-page'));
      document.title = heading === '' || heading === NAME ? NAME : `${heading} · ${NAME}`;
    };
    write();
    const watch = new MutationObserver(write);
    watch.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['heading'] });
    return () => watch.disconnect();
  }, []);
};
