// `dist/ahead.json`: which files each page needs, by the page's folder. The server names them in the page it answers, so that a browser
// fetches them all at once instead of one after the other as each script asks for the next.
import type { Plugin, Rollup } from 'vite';

const START = /\/src\/app\/start\.tsx$/;
const FALLBACK = /\/src\/polaris-fallback\/index\.ts$/;
const PAGE = /\/src\/pages\/([^/]+)\/Page\.tsx$/;

export interface Ahead {
  /** Whatever page it is. */
  always: string[];
  /** Where nobody brings Polaris's tags. */
  alone: string[];
  pages: Record<string, string[]>;
}

type Chunk = Pick<Rollup.OutputChunk, 'type' | 'fileName' | 'facadeModuleId' | 'imports'>;

/** A file and all that it asks for before it runs. */
const needs = (file: string, chunks: Map<string, Chunk>, found: Set<string> = new Set()): Set<string> => {
  if (found.has(file)) return found;
  found.add(file);
  for (const next of chunks.get(file)?.imports ?? []) needs(next, chunks, found);
  return found;
};

export const listed = (all: Chunk[], entry: string): Ahead => {
  const chunks = new Map(all.map((chunk) => [chunk.fileName, chunk]));
  const names = (files: Iterable<string>, without: Set<string>): string[] => [...files].filter((file) => !without.has(file)).map((file) => file.replace(/^assets\//, ''));
  const of = (facade: RegExp): Chunk[] => all.filter(({ facadeModuleId }) => facade.test(facadeModuleId ?? ''));
  const [start] = of(START);
  const here = new Set([entry]);
  const always = start ? needs(start.fileName, chunks) : new Set<string>();
  const known = new Set([...here, ...always]);
  return {
    always: names(always, here),
    alone: of(FALLBACK).flatMap(({ fileName }) => names(needs(fileName, chunks), known)),
    pages: Object.fromEntries(of(PAGE).map(({ fileName, facadeModuleId }) => [PAGE.exec(facadeModuleId ?? '')?.[1] ?? '', names(needs(fileName, chunks), known)])),
  };
};

export const ahead = (): Plugin => ({
  name: 'recoup-ahead',
  apply: 'build',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file): file is Rollup.OutputChunk => file.type === 'chunk');
    const entry = chunks.find(({ isEntry }) => isEntry)?.fileName ?? '';
    this.emitFile({ type: 'asset', fileName: 'ahead.json', source: `${JSON.stringify(listed(chunks, entry), null, 1)}\n` });
  },
});
