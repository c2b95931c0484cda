// A small stand-in for Shopify's web pixels manager, on every page of the pretend store: it asks for consent, runs each app's pixel
// in a sandbox of its own once all its purposes are allowed, and hands it the page's events. The sandbox sees nothing of the page;
// storage and cookies it reaches only by asking here, as at Shopify.
(async () => {
  const CONSENT = 'pretend_consent';
  const PURPOSES = ['analytics', 'marketing', 'preferences', 'sale_of_data'];
  const remember = (store, name, make) => store.getItem(name) ?? (store.setItem(name, make()), store.getItem(name));
  const clientId = remember(localStorage, 'pretend_client', () => crypto.randomUUID());
  const context = JSON.parse(JSON.stringify({
    document: { location, referrer: document.referrer, characterSet: document.characterSet, title: document.title },
    navigator: { language: navigator.language, cookieEnabled: navigator.cookieEnabled, languages: navigator.languages, userAgent: navigator.userAgent },
    window: { innerHeight, innerWidth, location, origin },
  }));
  let seq = 0;
  const event = (name, data) => ({ id: `sh-${crypto.randomUUID()}`, name, type: 'standard', clientId, timestamp: new Date().toISOString(), seq: (seq += 1), context, data });

  // What the page says happened; a purchase is told once, however often its page is opened.
  const said = JSON.parse(document.getElementById('customer-events')?.textContent ?? '[]');
  const fresh = said.filter(({ name, data }) => {
    const mark = `pretend_told_${data.checkout.token}`;
    if (name !== 'checkout_completed') return true;
    return sessionStorage.getItem(mark) === null && (sessionStorage.setItem(mark, 'yes'), true);
  });
  const events = [event('page_viewed', {}), ...fresh.map(({ name, data }) => event(name, data))];

  const allowed = () => JSON.parse(localStorage.getItem(CONSENT) ?? '{}');
  const customerPrivacy = () => {
    const { analytics = false, marketing = false, preferences = false, sale_of_data = false } = allowed();
    return { analyticsProcessingAllowed: analytics, marketingAllowed: marketing, preferencesProcessingAllowed: preferences, saleOfDataAllowed: sale_of_data };
  };

  const { pixels } = await (await fetch('/web-pixels/config.json')).json();
  const running = new Set();
  const reach = {
    cookie: {
      get: (name) => document.cookie.split('; ').find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? '',
      set: (text) => ((document.cookie = text), text),
    },
    localStorage,
    sessionStorage,
  };
  const run = (pixel) => {
    running.add(pixel);
    const sandbox = new Worker('/web-pixels/sandbox.js');
    sandbox.onmessage = ({ data: { call, area, method, args } }) => {
      try {
        sandbox.postMessage({ answer: call, value: reach[area][method](...args) ?? null });
      } catch (error) {
        sandbox.postMessage({ answer: call, error: String(error) });
      }
    };
    const data = { customer: null, cart: null, shop: null, purchasingCompany: null };
    sandbox.postMessage({ start: '/web-pixels/extension.js', settings: pixel.settings, init: { context, data, customerPrivacy: customerPrivacy() } });
    for (const each of events) sandbox.postMessage({ event: each });
  };
  // Consent that comes later starts the pixel later; the page's events wait for it.
  const start = () => {
    for (const pixel of pixels) if (!running.has(pixel) && pixel.purposes.every((purpose) => allowed()[purpose] === true)) run(pixel);
  };
  start();

  if (localStorage.getItem(CONSENT) !== null || pixels.length === 0) return;
  const banner = document.createElement('form');
  banner.className = 'consent';
  banner.innerHTML = '<p>May this pretend store measure your visit and its messages?</p><button value=yes>Allow</button> <button value=no>Decline</button>';
  banner.onsubmit = (submitted) => {
    submitted.preventDefault();
    const yes = submitted.submitter?.value === 'yes';
    localStorage.setItem(CONSENT, JSON.stringify(Object.fromEntries(PURPOSES.map((purpose) => [purpose, yes]))));
    banner.remove();
    start();
  };
  document.body.append(banner);
})();
