// A text with parts of the page in its places: a link, an amount. Each language puts them where its grammar wants them.
import { Fragment, type ReactNode } from 'react';
import type { Values } from './index';

export const rich = <const T extends string>(text: T, values: Values<T, ReactNode>): ReactNode[] =>
  text
    .split(/(\{\w+\})/)
    .filter((part) => part !== '')
    .map((part, index) => {
      const name = /^\{(\w+)\}$/.exec(part)?.[1];
      return <Fragment key={index}>{name === undefined ? part : (values as Record<string, ReactNode>)[name]}</Fragment>;
    });
