// The small (i): says how a number is counted, on request. Opens by press, closes by Escape or by leaving it.
import { useEffect, useId, useRef, useState } from 'react';
import { fill, words } from '../words';
import './Explain.css';

export const Explain = ({ title, text }: { title: string; text: string }) => {
  const [isOpen, setOpen] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const id = useId();

  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false);
    const onPress = (event: PointerEvent) => {
      if (event.target instanceof Node && !place.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener('keydown', onKey);
    document.addEventListener('pointerdown', onPress);
    return () => {
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('pointerdown', onPress);
    };
  }, [isOpen]);

  return (
    <span className="explain" ref={place}>
      <button type="button" aria-expanded={isOpen} aria-controls={id} aria-label={fill(words.parts.howCounted, { title })} onClick={() => setOpen(!isOpen)}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M8 7.2v4M8 4.7v.1" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
        </svg>
      </button>
      <span id={id} className="explain-panel" hidden={!isOpen} role="note">
        <strong>{title}</strong>
        {text}
      </span>
    </span>
  );
};
