// Where it begins: the Polaris tags first (Shopify's, or else our fallback), then the pages.
import { createRoot } from 'react-dom/client';
import './app/styles.css';
import { App } from './app/App';

const start = async (): Promise<void> => {
  if (!customElements.get('s-page')) await import('./polaris-fallback');
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App />);
};

void start();
