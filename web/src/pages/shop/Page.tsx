// How the shop stands with Shopify: may we speak for it, is everything here, what could not be read, who is told
// of what, what customers asked.
import { words } from '../../words';
import { Connection } from './Connection';
import { Deliveries } from './Deliveries';
import { Effect } from './Effect';
import { Keys } from './Keys';
import { Links } from './Links';
import { Pixel } from './Pixel';
import { Privacy } from './Privacy';
import { Rates } from './Rates';
import { Sources } from './Sources';
import { Webhooks } from './Webhooks';
import './shop.css';

export const ShopPage = () => (
  <s-page heading={words.shell.shop}>
    <div className="shop stack">
      <Connection />
      <Sources />
      <Keys />
      <Links />
      <Rates />
      <Effect />
      <Pixel />
      <Deliveries />
      <Webhooks />
      <Privacy />
    </div>
  </s-page>
);
