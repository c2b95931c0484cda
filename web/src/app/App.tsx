// The routes. The layout stands once around all pages.
import { QueryClientProvider } from '@tanstack/react-query';
import { useState } from 'react';
import { createBrowserRouter, Route, RouterProvider, Routes } from 'react-router';
import { Agreement } from '../pages/agreement/Page';
import { Campaign } from '../pages/campaign/Page';
import { ChangeCampaign } from '../pages/campaign-edit/Change';
import { NewCampaign } from '../pages/campaign-edit/New';
import { Campaigns } from '../pages/campaigns/Page';
import { Claims } from '../pages/claims/Page';
import { Checkout } from '../pages/checkout/Page';
import { Checkouts } from '../pages/checkouts/Page';
import { Health } from '../pages/health/Page';
import { Journeys } from '../pages/journeys/Page';
import { LedgerPage } from '../pages/ledger/Page';
import { Lift } from '../pages/lift/Page';
import { Links } from '../pages/links/Page';
import { Message } from '../pages/message/Page';
import { Order } from '../pages/order/Page';
import { Orders } from '../pages/orders/Page';
import { Overview } from '../pages/overview/Page';
import { PoliciesPage } from '../pages/policies/Page';
import { ShopPage } from '../pages/shop/Page';
import { words } from '../words';
import { ErrorBoundary } from './ErrorBoundary';
import { queryClient } from './queries';
import { Shell } from './Shell';
import { ShopGate } from './shop';

const NotFound = () => (
  <s-page heading={words.shell.nothing}>
    <s-section>
      <p>
        {words.shell.nothingText}{' '}<s-link href="/">{words.shell.toOverview}</s-link>
      </p>
    </s-section>
  </s-page>
);

export const Pages = () => (
  <Routes>
    <Route element={<Shell />}>
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
      <Route path="links" element={<Links />} />
      <Route path="messages/:id" element={<Message />} />
      <Route path="policies" element={<PoliciesPage />} />
      <Route path="health" element={<Health />} />
      <Route path="shop" element={<ShopPage />} />
      <Route path="*" element={<NotFound />} />
    </Route>
  </Routes>
);

const Gated = () => (
  <ShopGate>
    <Pages />
  </ShopGate>
);

export const App = () => {
  const [client] = useState(queryClient);
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
