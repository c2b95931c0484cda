// The one tag App Bridge brings without a type for React.
import type { ReactNode } from 'react';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      's-app-nav': { children?: ReactNode };
    }
  }
}
