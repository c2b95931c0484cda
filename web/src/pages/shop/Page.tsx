// The shop's settings, in groups: how it stands with Shopify, who may call and who is told, links, money, people's data. How orders are
// counted is chosen on the policies' own page.
import type { ReactNode } from 'react';
import { Guide } from '../../components/setup/Guide';
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

const GROUPS = ['connection', 'keys', 'links', 'money', 'effect', 'people'] as const;

const Group = ({ id, children }: { id: (typeof GROUPS)[number]; children: ReactNode }) => (
  <div className="shop-group stack" id={id}>
    <h2>{words.shop.groups[id]}</h2>
    {children}
  </div>
);

const Groups = () => (
  <nav className="shop-groups" aria-label={words.shop.settings}>
    <s-link href="/policies">{words.shop.groups.policy}</s-link>
    {GROUPS.map((id) => (
      <a key={id} href={`#${id}`}>
        {words.shop.groups[id]}
      </a>
    ))}
  </nav>
);

export const ShopPage = () => (
  <s-page heading={words.shell.shop}>
    <div className="shop stack">
      <Groups />
      <Group id="connection">
        <Connection />
        <Guide always />
        <Sources />
        <Pixel />
        <Deliveries />
      </Group>
      <Group id="keys">
        <Keys />
        <Webhooks />
      </Group>
      <Group id="links">
        <Links />
      </Group>
      <Group id="money">
        <Rates />
      </Group>
      <Group id="effect">
        <Effect />
      </Group>
      <Group id="people">
        <Privacy />
      </Group>
    </div>
  </s-page>
);
