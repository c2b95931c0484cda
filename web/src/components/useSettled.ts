// What is typed, once nobody types.
import { useEffect, useState } from 'react';

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
