// The routes. The layout stands once around all pages, and each page is a file of its own.
import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import { isValidElement, useState } from 'react';
import { createBrowserRouter, createRoutesFromElements, matchRoutes, Route, RouterProvider, useRoutes } from 'react-router';
import { words } from '../words';
import { ErrorBoundary } from './ErrorBoundary';
import { isLate, late } from './late';
import { Shell } from './Shell';
import { ShopGate } from './shop';

const Agreement = late(() => import('../pages/agreement/Page').then((page) => page.Agreement));
const Campaign = late(() => import('../pages/campaign/Page').then((page) => page.Campaign));
const ChangeCampaign = late(() => import('../pages/campaign-edit/Change').then((page) => page.ChangeCampaign));
const NewCampaign = late(() => import('../pages/campaign-edit/New').then((page) => page.NewCampaign));
const Campaigns = late(() => import('../pages/campaigns/Page').then((page) => page.Campaigns));
const Claims = late(() => import('../pages/claims/Page').then((page) => page.Claims));
const Checkout = late(() => import('../pages/checkout/Page').then((page) => page.Checkout));
const Checkouts = late(() => import('../pages/checkouts/Page').then((page) => page.Checkouts));
const FilesPage = late(() => import('../pages/files/Page').then((page) => page.FilesPage));
const Codes = late(() => import('../pages/codes/Page').then((page) => page.Codes));
const Health = late(() => import('../pages/health/Page').then((page) => page.Health));
const Journeys = late(() => import('../pages/journeys/Page').then((page) => page.Journeys));
const LedgerPage = late(() => import('../pages/ledger/Page').then((page) => page.LedgerPage));
const Lift = late(() => import('../pages/lift/Page').then((page) => page.Lift));
const Links = late(() => import('../pages/links/Page').then((page) => page.Links));
const Message = late(() => import('../pages/message/Page').then((page) => page.Message));
const Messages = late(() => import('../pages/messages/Page').then((page) => page.Messages));
const Order = late(() => import('../pages/order/Page').then((page) => page.Order));
const Orders = late(() => import('../pages/orders/Page').then((page) => page.Orders));
const Overview = late(() => import('../pages/overview/Page').then((page) => page.Overview));
const PoliciesPage = late(() => import('../pages/policies/Page').then((page) => page.PoliciesPage));
const Recipient = late(() => import('../pages/recipient/Page').then((page) => page.Recipient));
const ShopPage = late(() => import('../pages/shop/Page').then((page) => page.ShopPage));

const NotFound = () => (
  <s-page heading={words.shell.nothing}>
    <s-section>
      <p>
        {words.shell.nothingText}{' '}<s-link href="/">{words.shell.toOverview}</s-link>
      </p>
    </s-section>
  </s-page>
);

export const routes = createRoutesFromElements(
  <Route element={<Shell near={(pathname) => fetchPage(pathname)} />}>
    <Route index element={<Overview />} />
    <Route path="orders" element={<Orders />} />
    <Route path="orders/:id" element={<Order />} />
    <Route path="ledger" element={<LedgerPage />} />
    <Route path="claims" element={<Claims />} />
    <Route path="lift" element={<Lift />} />
    <Route path="journeys" element={<Journeys />} />
    <Route path="agreement" element={<Agreement />} />
    <Route path="campaigns" element={<Campaigns />} />
    <Route path="campaigns/new" element={<NewCampaign />} />
    <Route path="campaigns/:id" element={<Campaign />} />
    <Route path="campaigns/:id/change" element={<ChangeCampaign />} />
    <Route path="checkouts" element={<Checkouts />} />
    <Route path="checkouts/:token" element={<Checkout />} />
    <Route path="codes" element={<Codes />} />
    <Route path="links" element={<Links />} />
    <Route path="messages" element={<Messages />} />
    <Route path="messages/:id" element={<Message />} />
    <Route path="files" element={<FilesPage />} />
    <Route path="recipients/:id" element={<Recipient />} />
    <Route path="policies" element={<PoliciesPage />} />
    <Route path="health" element={<Health />} />
    <Route path="shop" element={<ShopPage />} />
    <Route path="*" element={<NotFound />} />
  </Route>,
);

export const Pages = () => useRoutes(routes);

/** Starts to fetch the page of an address. */
export const fetchPage = (pathname: string): Promise<unknown> =>
  Promise.all(
    (matchRoutes(routes, pathname) ?? []).map(({ route: { element } }) => (isValidElement(element) && isLate(element.type) ? element.type.fetch() : null)),
  );

const Gated = () => (
  <ShopGate>
    <Pages />
  </ShopGate>
);

export const App = ({ client }: { client: QueryClient }) => {
  // A router of data, because only that one can ask before a page with unsaved work is left.
  const [router] = useState(() => createBrowserRouter([{ path: '*', element: <Gated /> }]));
  return (
    <ErrorBoundary>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ErrorBoundary>
  );
};
