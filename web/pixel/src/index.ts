import { register } from '@shopify/web-pixels-extension';
import { remember, type Settings, type Told, told } from './pixel';

// `text/plain`: a plain post needs no permission asked in advance. It outlives the page that sends it, and if it is lost the order
// still has its code and its attributes.
const tell = async (settings: Settings, what: Promise<Told | null>): Promise<void> => {
  const said = await what;
  if (said === null) return;
  const body = JSON.stringify(said);
  await fetch(settings.endpoint, { method: 'POST', keepalive: true, headers: { 'Content-Type': 'text/plain' }, body });
};

const quietly = (work: Promise<void>): void => {
  work.catch(() => undefined); // A shopper is never troubled by this.
};

register(({ analytics, browser, settings }) => {
  const ours: Settings = { shop: String(settings.shop), endpoint: String(settings.endpoint) };
  analytics.subscribe('page_viewed', (event) => quietly(remember(event, browser)));
  analytics.subscribe('checkout_started', (event) => quietly(tell(ours, told(event, ours, browser))));
  analytics.subscribe('checkout_completed', (event) => quietly(tell(ours, told(event, ours, browser))));
});
