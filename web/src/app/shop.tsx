// Whose numbers these are. Everything below stands in a shop: its name, its currency, its time zone.
import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, useContext, type ReactNode } from 'react';
import { get, must } from '../api/client';
import type { Shop } from '../api/types';
import { Failed, Skeleton } from '../components/page-states';
import { words } from '../words';

const ShopContext = createContext<Shop | null>(null);

export const useShop = (): Shop => {
  const shop = useContext(ShopContext);
  if (!shop) throw new Error('a page stands outside its shop');
  return shop;
};

export const InShop = ({ shop, children }: { shop: Shop; children: ReactNode }) => (
  <ShopContext.Provider value={shop}>{children}</ShopContext.Provider>
);

export const SHOP = queryOptions({ queryKey: ['shop'], queryFn: () => must(get('/api/shop')), staleTime: 300_000 });

/** Asks who we are before anything else is drawn: a page cannot even name its days without the shop's time zone. */
export const ShopGate = ({ children }: { children: ReactNode }) => {
  const shop = useQuery(SHOP);
  if (shop.data) return <InShop shop={shop.data}>{children}</InShop>;
  return (
    <s-page heading="Recoup">
      {shop.error ? <Failed error={shop.error} retry={shop.refetch} /> : <Skeleton lines={6} label={words.shell.opening} />}
    </s-page>
  );
};
