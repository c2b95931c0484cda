// How answers are kept: long enough that going back is instant, short enough that a number is never old news.
import { QueryClient } from '@tanstack/react-query';
import { Problem } from '../api/problem';

/** What the server refused for a reason will be refused again; only its bad days and the network's are worth a second try. */
const isWorthAnotherTry = (failures: number, error: unknown): boolean =>
  failures < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500);

export const queryClient = (): QueryClient =>
  new QueryClient({ defaultOptions: { queries: { retry: isWorthAnotherTry, staleTime: 30_000, refetchOnWindowFocus: false } } });
