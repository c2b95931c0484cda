// The one way to the server. Every request carries App Bridge's ID token when there is one, a token the server calls invalid
// is replaced once, and every failure is thrown as a `Problem`.
import createClient from 'openapi-fetch';
import { takeEarly } from '../app/early';
import { fromResponse, fromThrown } from './problem';
import type { paths } from './schema';

const RETRY_HEADER = 'X-Shopify-Retry-Invalid-Session-Request';

const authorised = async (request: Request): Promise<Request> => {
  const token = await window.shopify?.idToken?.();
  if (token) request.headers.set('Authorization', `Bearer ${token}`);
  return request;
};

/** ID tokens live for a minute: one that died on the way is asked for again, and only once. */
const fetchWithToken = async (request: Request): Promise<Response> => {
  const early = await takeEarly(request);
  if (early) return early;
  const again = request.clone();
  const response = await globalThis.fetch(await authorised(request));
  if (response.status !== 401 || !response.headers.has(RETRY_HEADER)) return response;
  return globalThis.fetch(await authorised(again));
};

const client = createClient<paths>({
  baseUrl: window.location.origin,
  fetch: fetchWithToken,
  headers: { Accept: 'application/json, application/problem+json' },
});

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The answer (none for 204), or a `Problem`. */
export const must = async <T>(outcome: Promise<Outcome<T>>): Promise<T> => {
  try {
    const { data, error, response } = await outcome;
    if (response.status === 204) return undefined as T;
    if (!response.ok || data === undefined) throw fromResponse(response, error);
    return data;
  } catch (thrown) {
    throw fromThrown(thrown);
  }
};

export const get = client.GET;
export const post = client.POST;
export const put = client.PUT;
export const patch = client.PATCH;
export const remove = client.DELETE;

const nameOf = (response: Response): string | undefined => /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];

/** Saves a file the server makes, and says under which name: the server's, else the given one. A plain link could not carry the ID token. */
export const download = async (path: string, otherwise: string): Promise<string> => {
  const response = await fetchWithToken(new Request(new URL(path, window.location.origin)));
  if (!response.ok) throw fromResponse(response, await response.json().catch(() => undefined));
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = nameOf(response) ?? otherwise;
  link.click();
  URL.revokeObjectURL(url);
  return link.download;
};
