// Links without reloads. Polaris links and buttons keep their anchor in a shadow root, out of the router's sight, so clicks are
// caught where they surface; the admin's own navigation arrives as an event of App Bridge's. A page that somebody is about to open
// is fetched already.
import { useEffect } from 'react';
import { useNavigate } from 'react-router';

const LINKS = 'a[href], s-link[href], s-button[href]';

const hrefOf = (event: Event): string | null => {
  const link = event.composedPath().find((node) => node instanceof Element && node.matches(LINKS));
  if (!(link instanceof Element)) return null;
  const target = link.getAttribute('target');
  return target && target !== '_self' && target !== 'auto' ? null : link.getAttribute('href');
};

const isOurs = (href: string | null): href is string => href !== null && /^\/(?!\/|api\/)/.test(href);

export const useLinks = (near: (pathname: string) => unknown): void => {
  const navigate = useNavigate();
  useEffect(() => {
    const go = (href: string): void => {
      // The admin may announce the same click a second time; one press is one step of the history.
      if (href !== window.location.pathname + window.location.search) navigate(href);
    };
    const onClick = (event: MouseEvent): void => {
      if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const href = hrefOf(event);
      if (!isOurs(href)) return;
      event.preventDefault();
      go(href);
    };
    const onNavigate = (event: Event): void => {
      const href = event.target instanceof Element ? event.target.getAttribute('href') : null;
      if (isOurs(href)) go(href);
    };
    const onNear = (event: Event): void => {
      const href = hrefOf(event);
      if (isOurs(href)) near(new URL(href, window.location.origin).pathname);
    };
    document.addEventListener('pointerover', onNear);
    document.addEventListener('focusin', onNear);
    document.addEventListener('click', onClick);
    document.addEventListener('shopify:navigate', onNavigate);
    return () => {
      document.removeEventListener('pointerover', onNear);
      document.removeEventListener('focusin', onNear);
      document.removeEventListener('click', onClick);
      document.removeEventListener('shopify:navigate', onNavigate);
    };
  }, [navigate, near]);
};
