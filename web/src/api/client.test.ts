import { afterEach, expect, it, vi } from 'vitest';
import { get, must } from './client';
import { Problem } from './problem';

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

const failure = async (promise: Promise<unknown>): Promise<Problem> => {
  const thrown = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(Problem);
  return thrown as Problem;
};

const withTokens = (...tokens: string[]): void => {
  vi.stubGlobal('shopify', { idToken: async () => tokens.shift() });
};

afterEach(() => vi.unstubAllGlobals());

it('adds the ID token when App Bridge is there, and nothing when it is not', async () => {
  const seen: (string | null)[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    seen.push(request.headers.get('Authorization'));
    return json({ name: 'Alpenglow' });
  });
  await must(get('/api/shop'));
  withTokens('first');
  await must(get('/api/shop'));
  expect(seen).toEqual([null, 'Bearer first']);
});

it('asks once more with a fresh token when the server says so, and only once', async () => {
  const seen: (string | null)[] = [];
  withTokens('stale', 'fresh', 'never');
  vi.stubGlobal('fetch', async (request: Request) => {
    seen.push(request.headers.get('Authorization'));
    return json({ title: 'Sign in again' }, 401, { 'X-Shopify-Retry-Invalid-Session-Request': '1' });
  });
  expect((await failure(must(get('/api/shop')))).status).toBe(401);
  expect(seen).toEqual(['Bearer stale', 'Bearer fresh']);
});

it('does not repeat a 401 without the header', async () => {
  const ask = vi.fn(async () => json({ title: 'Not allowed' }, 401));
  vi.stubGlobal('fetch', ask);
  await failure(must(get('/api/shop')));
  expect(ask).toHaveBeenCalledTimes(1);
});

it('reads a problem document', async () => {
  const document = { title: 'No such order', code: 'order_unknown', detail: 'Check the number.', field: 'id', request_id: 'req-9' };
  vi.stubGlobal('fetch', async () => json(document, 404, { 'content-type': 'application/problem+json' }));
  const problem = await failure(must(get('/api/orders/{id}/receipt', { params: { path: { id: '1' } } })));
  expect(problem).toMatchObject({ title: 'No such order', code: 'order_unknown', detail: 'Check the number.', field: 'id', requestId: 'req-9', status: 404 });
});

it('says in words that nobody answered', async () => {
  vi.stubGlobal('fetch', async () => Promise.reject(new TypeError('failed to fetch')));
  expect((await failure(must(get('/api/shop')))).code).toBe('unreachable');
});

it('survives an answer that is no JSON, and keeps the request id of its header', async () => {
  vi.stubGlobal('fetch', async () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'x-request-id': 'edge-1' } }));
  expect(await failure(must(get('/api/shop')))).toMatchObject({ status: 502, requestId: 'edge-1' });
});
