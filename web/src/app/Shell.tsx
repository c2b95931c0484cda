// What stands around every page: the way from one to the other (the admin's own menu where App Bridge brings it, else a bar of ours),
// and a word when the shop has to be opened anew.
import { Suspense, useEffect, useRef } from 'react';
import { Navigate, NavLink, Outlet, useLocation } from 'react-router';
import { words } from '../words';
import { useKept } from './kept';
import { useLinks } from './links';
import { Skeleton } from '../components/page-states';
import { AskBeforeLeaving } from '../components/Unsaved';
import { troubles } from '../pages/shop/Connection';
import { Search } from './Search';
import { useShop } from './shop';
import { useTitle } from './title';

const pages = () => [
  { href: '/', name: words.shell.overview },
  { href: '/orders', name: words.shell.orders },
  { href: '/ledger', name: words.shell.ledger },
  { href: '/claims', name: words.shell.claims },
  { href: '/lift', name: words.shell.lift },
  { href: '/journeys', name: words.shell.journeys },
  { href: '/campaigns', name: words.shell.campaigns },
  { href: '/messages', name: words.shell.messages },
  { href: '/codes', name: words.shell.codes },
  { href: '/checkouts', name: words.shell.checkouts },
  { href: '/links', name: words.shell.links },
  { href: '/files', name: words.shell.files },
  { href: '/policies', name: words.shell.policies },
  { href: '/health', name: words.shell.health },
  { href: '/shop', name: words.shell.shop },
];

// App Bridge reads `rel` from the link; the link's own type does not know it.
const HOME = { rel: 'home' };

const AdminMenu = () => (
  <s-app-nav>
    <s-link href="/" {...HOME}>
      {words.shell.overview}
    </s-link>
    {pages().slice(1).map(({ href, name }) => (
      <s-link key={href} href={href}>
        {name}
      </s-link>
    ))}
  </s-app-nav>
);

const Mark = () => (
  <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
    <rect width="22" height="22" rx="6" fill="#2fb98a" />
    <path d="M6.2 11a4.8 4.8 0 1 0 1.7-3.7M6.2 5.2v3.2h3.2" fill="none" stroke="#0d2119" strokeWidth="2" strokeLinecap="round" strokeLinejoin="round" />
  </svg>
);

/** On a phone the menu is wider than its window: where one is must be in sight of it. */
const useInSight = () => {
  const menu = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    const [all, here] = [menu.current, menu.current?.querySelector<HTMLElement>('[aria-current]')];
    if (all && here) all.scrollLeft = here.offsetLeft - all.offsetLeft - (all.clientWidth - here.offsetWidth) / 2;
  }, [pathname]);
  return menu;
};

const Bar = ({ shop }: { shop: string }) => {
  const menu = useInSight();
  return (
    <header className="shell-bar">
      <div>
        <a className="shell-mark" href="/">
          <Mark />
          Recoup
        </a>
        <nav aria-label={words.shell.pages} ref={menu}>
          {pages().map(({ href, name }) => (
            <NavLink key={href} to={href} end={href === '/'}>
              {name}
            </NavLink>
          ))}
        </nav>
        <Search />
        <span className="shell-shop">{shop}</span>
      </div>
    </header>
  );
};

const Coming = () => (
  <s-page heading="Recoup">
    <Skeleton lines={6} />
  </s-page>
);

/** `near`: somebody is about to open that page. */
export const Shell = ({ near }: { near: (pathname: string) => unknown }) => {
  const shop = useShop();
  const { pathname } = useLocation();
  const [first] = troubles(shop);
  const kept = useKept();
  const isInAdmin = customElements.get('s-app-nav') !== undefined;
  useLinks(near);
  useTitle();
  useEffect(() => {
    window.scrollTo(0, 0);
  }, [pathname]);
  return (
    <>
      <a className="skip" href="#main">
        {words.shell.skip}
      </a>
      {isInAdmin ? <AdminMenu /> : <Bar shop={shop.name} />}
      <main id="main">
        {isInAdmin && (
          <div className="shell-search">
            <Search />
          </div>
        )}
        {first && pathname !== '/shop' && (
          <div className="shell-note">
            <s-banner tone="warning" heading={first.heading}>
              {first.text} <s-link href="/shop">{words.shell.seeShop}</s-link>
            </s-banner>
          </div>
        )}
        {kept ? <Navigate to={kept} replace /> : <Suspense fallback={<Coming />}><Outlet /></Suspense>}
      </main>
      <AskBeforeLeaving />
    </>
  );
};
