import { expect, it, vi } from 'vitest';
import { askEarly, takeEarly } from './early';

const request = (path: string, method = 'GET') => new Request(new URL(path, window.location.origin), { method });

it('hands the answer to whoever asks the same, once', async () => {
  const asked: Request[] = [];
  vi.stubGlobal('shopify', { idToken: async () => 'token' });
  vi.stubGlobal('fetch', async (sent: Request) => {
    asked.push(sent);
    return new Response('{}');
  });
  askEarly('/api/shop');
  expect(await takeEarly(request('/api/orders'))).toBeUndefined();
  expect(await takeEarly(request('/api/shop', 'POST'))).toBeUndefined();
  expect(await (await takeEarly(request('/api/shop')))?.text()).toBe('{}');
  expect(await takeEarly(request('/api/shop'))).toBeUndefined();
  expect(asked.map((sent) => [new URL(sent.url).pathname, sent.headers.get('authorization')])).toEqual([['/api/shop', 'Bearer token']]);
});

it('leaves a refusal and a broken line to the usual way', async () => {
  vi.stubGlobal('fetch', async () => new Response('', { status: 401 }));
  askEarly('/api/shop');
  expect(await takeEarly(request('/api/shop'))).toBeUndefined();
  vi.stubGlobal('fetch', () => Promise.reject(new Error('offline')));
  askEarly('/api/shop');
  expect(await takeEarly(request('/api/shop'))).toBeUndefined();
});
