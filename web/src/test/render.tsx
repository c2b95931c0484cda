// A page at an address, inside a shop, with the server's answers given by path.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render } from '@testing-library/react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { vi } from 'vitest';
import { fetchPage, Pages, routes } from '../app/App';
import { InShop } from '../app/shop';
import { shop } from './fixtures';

type Answer = unknown | ((url: URL, request: Request) => unknown);

/** A refusal with its problem document. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly document: object,
  ) {}
}

// Tests look at pages, not at how they arrive.
await Promise.all((routes[0]?.children ?? []).map(({ path }) => fetchPage(`/${path ?? ''}`)));

/** Never answers: the loading face stays. */
export const PENDING = Symbol('pending');

const respond = (answer: unknown): Response | Promise<Response> => {
  if (answer instanceof Response) return answer;
  if (answer === PENDING) return new Promise<Response>(() => undefined);
  if (answer instanceof Refusal) {
    return new Response(JSON.stringify(answer.document), {
      status: answer.status,
      headers: { 'content-type': 'application/problem+json' },
    });
  }
  return new Response(JSON.stringify(answer), { status: 200, headers: { 'content-type': 'application/json' } });
};

/** Serves answers by path, or by method and path (a `Response` as it is), and keeps what was asked. */
export const serve = (answers: Record<string, Answer>): URL[] => {
  const asked: URL[] = [];
  vi.stubGlobal('fetch', async (request: Request) => {
    const url = new URL(request.url);
    asked.push(url);
    const answer = answers[`${request.method} ${url.pathname}`] ?? answers[url.pathname];
    return respond(typeof answer === 'function' ? await answer(url, request) : answer);
  });
  return asked;
};

export const open = (path: string) =>
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <InShop shop={shop}>
        <RouterProvider router={createMemoryRouter([{ path: '*', element: <Pages /> }], { initialEntries: [path] })} />
      </InShop>
    </QueryClientProvider>,
  );

export const refusal = new Refusal(503, {
  type: 'about:blank',
  title: 'The numbers are being rebuilt',
  status: 503,
  code: 'rebuilding',
  detail: 'They will be back within a minute.',
  request_id: 'req-42',
});
