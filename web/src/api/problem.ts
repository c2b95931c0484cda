// What went wrong, as one type. Every failure a page can meet is a `Problem`: the server's own problem document (RFC 9457)
// where it sent one, else a sentence of ours. The title and detail are always fit for a merchant to read.
import { fill, said, words } from '../words';

export interface ProblemDocument {
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  field?: string;
  request_id?: string;
}

/** A backtick is for programmers: a merchant reads quotation marks. */
export const unticked = (text: string): string => text.replace(/`([^`]*)`/g, (_, name: string) => fill(words.common.quoted, { name }));

export class Problem extends Error {
  readonly title: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly detail: string;
  readonly field: string | undefined;
  readonly requestId: string | undefined;

  constructor(document: ProblemDocument & { status: number }) {
    const title = said(document.title ?? words.problems.unknown);
    super(document.detail ?? title);
    this.name = 'Problem';
    this.title = title;
    this.status = document.status;
    this.code = document.code;
    this.detail = unticked(said(document.detail ?? words.problems.again));
    this.field = document.field;
    this.requestId = document.request_id;
  }
}

const isDocument = (value: unknown): value is ProblemDocument => typeof value === 'object' && value !== null;

/** A refused answer. The request id falls back to the response's header, for answers that never reached the application. */
export const fromResponse = (response: Response, body: unknown): Problem => {
  const document = isDocument(body) ? body : {};
  const requestId = document.request_id ?? response.headers.get('x-request-id') ?? undefined;
  return new Problem({ title: words.problems.refused, ...document, request_id: requestId, status: response.status });
};

/** Anything else that was thrown: mostly a network that is not there. */
export const fromThrown = (thrown: unknown): Problem => {
  if (thrown instanceof Problem) return thrown;
  return new Problem({
    status: 0,
    code: 'unreachable',
    title: words.problems.unreachable,
    detail: words.problems.unreachableDetail,
  });
};
