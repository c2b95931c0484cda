// What a share left alone costs and what it would show.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { must, post } from '../../api/client';
import type { PlanWanted } from '../../api/types';

const PAUSE_MS = 300;

/** A value once nobody has changed it for a moment. */
export const useSettled = <T>(value: T): T => {
  const [settled, settle] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(JSON.parse(text) as T), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
};

/** Asked anew once nobody has typed for a moment; null: there is nothing to plan with yet. */
export const usePlan = (wanted: PlanWanted | null) => {
  const settled = useSettled(wanted);
  return useQuery({
    queryKey: ['lift-plan', settled],
    queryFn: () => must(post('/api/lift/plan', { body: settled as PlanWanted })),
    enabled: settled !== null,
    placeholderData: keepPreviousData,
  });
};
