// The strict sandbox: a worker without a page. An extension finds here what Shopify promises it and nothing beside it.
'use strict';
for (const name of ['XMLHttpRequest', 'WebSocket', 'EventSource', 'indexedDB', 'caches', 'BroadcastChannel', 'Worker', 'navigator', 'location']) {
  Object.defineProperty(self, name, { value: undefined, configurable: false, writable: false });
}

const waiting = new Map();
let calls = 0;
const post = self.postMessage.bind(self);
const call = (area, method) => (...args) =>
  new Promise((resolve, reject) => {
    calls += 1;
    waiting.set(calls, { resolve, reject });
    post({ call: calls, area, method, args });
  });
const storage = (area) => Object.fromEntries(['getItem', 'setItem', 'removeItem', 'key', 'clear'].map((method) => [method, call(area, method)]));

const subscribers = new Map();
const subscribe = (name, callback) => {
  subscribers.set(name, [...(subscribers.get(name) ?? []), callback]);
  return Promise.resolve(() => subscribers.set(name, subscribers.get(name).filter((known) => known !== callback)));
};

const begin = ({ start, settings, init }) => {
  self.shopify = {
    extend: (point, extension) => {
      if (point !== 'WebPixel::Render') throw new Error(`nothing renders at ${point}`);
      extension({
        analytics: { subscribe, publish: () => Promise.resolve(true) },
        browser: { cookie: { get: call('cookie', 'get'), set: call('cookie', 'set') }, localStorage: storage('localStorage'), sessionStorage: storage('sessionStorage') },
        customerPrivacy: { subscribe: () => () => true },
        init,
        settings,
        _pixelInfo: { surface: 'storefront-renderer', runtimeContext: 'STRICT' },
      });
    },
  };
  self.importScripts(start);
};

self.onmessage = ({ data }) => {
  if (data.start) return begin(data);
  if (data.event) return (subscribers.get(data.event.name) ?? []).forEach((callback) => callback(data.event));
  const { resolve, reject } = waiting.get(data.answer);
  waiting.delete(data.answer);
  return data.error ? reject(new Error(data.error)) : resolve(data.value);
};
