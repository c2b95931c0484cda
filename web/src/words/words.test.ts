// No word is missing. Every language has each text of the English one with the same places, nothing was left English by oversight,
// and no page says anything that is not in the catalogue.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { words as english } from './en';
import type { Catalogue } from './index';

const files = import.meta.glob<{ words: Catalogue }>(['./??.ts', '!./en.ts'], { eager: true });

type Texts = [path: string, text: string][];
const textsOf = (of: object, at = ''): Texts =>
  Object.entries(of).flatMap(([key, value]) => (typeof value === 'string' ? [[`${at}${key}`, value]] : textsOf(value as object, `${at}${key}.`)) as Texts);
const placesOf = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].sort();

// Names, and words that are the same in both languages.
const SAME = new Set([
  'common.link', 'shell.checkouts', 'shell.links', 'shell.codes', 'shell.shop', 'names.channels.whatsapp', 'names.channels.direct', 'campaign.utm', 'campaign.tags',
  'counts.checkout.one', 'counts.checkout.other', 'checkouts.checkout', 'shop.webhooks', 'message.back', 'edit.name', 'overview.coins.USD', 'overview.coins.CAD',
  'overview.coins.AUD', 'overview.coins.JPY', 'policies.summary', 'agreement.shopify', 'search.kinds.checkout',
]);

describe.each(Object.entries(files))('%s', (_, { words }) => {
  const source = new Map(textsOf(english));
  const told = new Map(textsOf(words));

  it('has every text', () => {
    const forms = (path: string): boolean => /\.(zero|one|two|few|many)$/.test(path);
    expect([...source.keys()].filter((path) => !told.has(path) && !forms(path))).toEqual([]);
    expect([...told.keys()].filter((path) => !source.has(path) && !forms(path))).toEqual([]);
  });

  it('has the places of every text', () => {
    const differs = [...told].filter(([path, text]) => source.has(path) && `${placesOf(text)}` !== `${placesOf(source.get(path) ?? '')}`);
    expect(differs).toEqual([]);
  });

  it('is not English', () => {
    const same = [...told].filter(([path, text]) => text === source.get(path) && /\p{L}/u.test(text.replace(/\{\w+\}/g, '')) && !SAME.has(path));
    expect(same).toEqual([]);
  });
});

const ROOT = join(import.meta.dirname, '..');
const sources = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|\.d\.ts$/.test(file))
    .map((file) => join(folder, file));

// What a page may say by itself: names, samples of what may be written, and what only a program reads.
const MAY = new Set(['Recoup', 'EUR', 'WIN', '0.32em', 'utm_', 'button_suffix', 'utm_source', 'utm_medium', 'utm_campaign', 'utm_content', 'https://platform.example/recoup']);
const SAID = new Set(['label', 'heading', 'aria-label', 'accessibilityLabel', 'placeholder', 'details', 'title', 'lead', 'action', 'dismiss', 'suffix', 'prefix', 'note', 'ofName']);
const hasLetters = (text: string): boolean => /\p{L}/u.test(text);

/** The literals an expression may come out as: through choices, but not through calls and comparisons. */
const outcomes = (node: ts.Node): ts.Node[] => {
  if (ts.isConditionalExpression(node)) return [...outcomes(node.whenTrue), ...outcomes(node.whenFalse)];
  if (ts.isParenthesizedExpression(node)) return outcomes(node.expression);
  if (ts.isBinaryExpression(node)) {
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.AmpersandAmpersandToken) return outcomes(node.right);
    if ([ts.SyntaxKind.BarBarToken, ts.SyntaxKind.QuestionQuestionToken, ts.SyntaxKind.PlusToken].includes(operator)) return [...outcomes(node.left), ...outcomes(node.right)];
  }
  return [node];
};

const textOf = (node: ts.Node): string => {
  if (ts.isStringLiteralLike(node) || ts.isJsxText(node)) return node.text.trim();
  if (ts.isTemplateExpression(node)) return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(' ').trim();
  return '';
};

/** Besides what is plainly drawn: a sentence anywhere, such as in a table of names. */
const isSentence = (node: ts.Node): boolean => /^\s*\p{Lu}[\p{L}’-]*,?( [\p{L}’“-]+)+/u.test(textOf(node)) && !ts.isImportDeclaration(node.parent) && !ts.isJsxAttribute(node.parent);

/** A `name` is a field's, unless it is written as people write. */
const isPhrase = (node: ts.JsxAttribute): boolean => node.initializer !== undefined && ts.isStringLiteral(node.initializer) && / /.test(node.initializer.text) && node.name.getText() === 'name';

const literalsOf = (file: string, text = readFileSync(join(ROOT, file), 'utf8')): string[] => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
  const found = new Set<string>();
  const note = (node: ts.Node): void => {
    const text = textOf(node);
    if (hasLetters(text) && !MAY.has(text)) found.add(`${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${text}`);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node)) note(node);
    else if (ts.isJsxExpression(node) && node.expression && !ts.isJsxAttribute(node.parent)) outcomes(node.expression).forEach(note);
    else if (ts.isJsxAttribute(node) && (SAID.has(node.name.getText(source)) || isPhrase(node)) && node.initializer) {
      const value = ts.isJsxExpression(node.initializer) ? node.initializer.expression : node.initializer;
      if (value) outcomes(value).forEach(note);
    } else if ((ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) && isSentence(node)) {
      const call = ts.isNewExpression(node.parent) ? node.parent.expression.getText(source) : '';
      if (call !== 'Error') note(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...found];
};

it('finds what is said outside the catalogue', () => {
  const page = `const table = { a: 'Used by somebody' };
    const Page = () => <s-page heading={open ? 'Open' : words.a}><b className="x">Hello</b>{n > 0 && \`\${n} orders\`}{kind === 'checkout' ? words.b : null}</s-page>;`;
  expect(literalsOf('Page.tsx', page)).toEqual(['Page.tsx:1 Used by somebody', 'Page.tsx:2 Open', 'Page.tsx:2 Hello', 'Page.tsx:2 orders']);
  expect(sources('pages').length).toBeGreaterThan(60);
});

it.each(['pages', 'components', 'app'])('%s say nothing that is not in the catalogue', (folder) => {
  expect(sources(folder).flatMap((file) => literalsOf(file))).toEqual([]);
});
