// Puts the page together. All that the first page needs is asked for at once: whose shop it is, the page's own file, the language, the
// Polaris tags (Shopify's, or else our fallback), and its numbers as soon as its days are known. It is drawn once, when it can be read;
// until then the skeleton of `index.html` stands.
import { createRoot } from 'react-dom/client';
import { chooseLocale } from '../lib/locale';
import { LANGUAGES, speak } from '../words';
import { askAhead } from './ahead';
import { App, fetchPage } from './App';
import { queryClient } from './queries';
import { SHOP } from './shop';

export const start = async (): Promise<void> => {
  const client = queryClient();
  const tag = chooseLocale(LANGUAGES);
  const shop = client.fetchQuery(SHOP).then((found) => askAhead(client, found, window.location));
  const tags = customElements.get('s-page') ? undefined : import('../polaris-fallback');
  // What fails here fails again where it is drawn, and says so there.
  await Promise.allSettled([shop, fetchPage(window.location.pathname), speak(tag), tags]);
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App client={client} />);
};
