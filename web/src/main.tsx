// Where it begins: the Polaris tags first (Shopify's, or else our stand-in), then the pages.
import { createRoot } from 'react-dom/client';
import './app/styles.css';
import { App } from './app/App';

const start = async (): Promise<void> => {
  if (!customElements.get('s-page')) await import('./stand-in');
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<App />);
};

void start();
