// The first question, asked before the scripts that will read its answer have arrived.

let asked: { path: string; answer: Promise<Response | undefined> } | undefined;

const ask = async (path: string): Promise<Response | undefined> => {
  const headers = new Headers({ Accept: 'application/json, application/problem+json' });
  const token = await window.shopify?.idToken?.();
  if (token) headers.set('Authorization', `Bearer ${token}`);
  const answer = await fetch(new Request(new URL(path, window.location.origin), { headers }));
  // Whatever went wrong is asked again in the usual way, which knows what to do about it.
  return answer.ok ? answer : undefined;
};

export const askEarly = (path: string): void => {
  asked = { path, answer: ask(path).catch(() => undefined) };
};

/** The answer to a question that was asked early, once. */
export const takeEarly = async (request: Request): Promise<Response | undefined> => {
  const { pathname, search } = new URL(request.url);
  if (request.method !== 'GET' || asked?.path !== pathname + search) return undefined;
  const { answer } = asked;
  asked = undefined;
  return answer;
};
