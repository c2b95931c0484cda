// Filters that stand in the address, beside the days.
import { useSearchParams } from 'react-router';

export const useFilters = (): { get: (key: string) => string | undefined; set: (key: string, value: string) => void } => {
  const [params, setParams] = useSearchParams();
  return {
    get: (key) => params.get(key) ?? undefined,
    set: (key, value) =>
      setParams((before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(key);
        else next.set(key, value);
        return next;
      }),
  };
};
