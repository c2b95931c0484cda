// Takes a text to the clipboard, and says so. Where the browser does not allow it (a frame without the right), the text is marked
// instead, so that one press of the keyboard copies it.
import { useState } from 'react';
import { words } from '../words';

interface Props {
  text: string;
  /** What is copied, for whoever does not see what stands beside the button. */
  label: string;
  copied?: () => void;
}

export const Copy = ({ text, label, copied }: Props) => {
  const [said, say] = useState<'copied' | 'failed' | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      say('copied');
      copied?.();
    } catch {
      say('failed');
    }
  };
  return (
    <span className="copy">
      <s-button accessibilityLabel={label} onClick={() => void copy()}>
        {said === 'copied' ? words.parts.copied : words.parts.copy}
      </s-button>
      <span role="status" className={said === 'failed' ? 'small' : 'hidden'}>
        {said === 'copied' ? words.parts.copiedNote : said === 'failed' ? words.parts.copyRefused : ''}
      </span>
    </span>
  );
};
