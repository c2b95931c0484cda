// Where it begins: the language and the Polaris tags first (Shopify's, or else our fallback), then the pages.
import { createRoot } from 'react-dom/client';
import './app/styles.css';
import { App } from './app/App';
import { chooseLocale } from './lib/locale';
import { LANGUAGES, speak } from './words';

const start = async (): Promise<void> => {
  const tag = chooseLocale(LANGUAGES);
  await Promise.all([speak(tag), customElements.get('s-page') ? undefined : import('./polaris-fallback')]);
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App />);
};

void start();
