// The description of the API is one that strangers' tools take: it is valid, and two generators make a client of it.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import Ajv2020 from 'ajv/dist/2020';
import SwaggerParser from '@apidevtools/swagger-parser';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { expect, test, vi } from 'vitest';

// To generate a client takes seconds where others work at the same time.
vi.setConfig({ testTimeout: 60_000 });

const file = resolve(import.meta.dirname, '../../openapi.json');

interface Operation {
  operationId: string;
  security: Record<string, string[]>[];
  responses: Record<string, { $ref?: string; description?: string }>;
}

interface Described {
  operationId: string;
  requestBody?: { content: Record<string, { example?: unknown }> };
  responses: Record<string, { content?: Record<string, { example?: unknown }> }>;
}

const read = (): { info: Record<string, unknown>; operations: Operation[] } => {
  const api = JSON.parse(readFileSync(file, 'utf8'));
  const operations = Object.values<Record<string, Operation>>(api.paths).flatMap((item) => Object.values(item));
  return { info: api.info, operations };
};

/** What a parser objects to in a text that is to be TypeScript. */
const complaints = (source: string) => ts.transpileModule(source, { reportDiagnostics: true }).diagnostics ?? [];

test('the description is valid', async () => {
  await SwaggerParser.validate(JSON.parse(readFileSync(file, 'utf8')));
});

test('it says whose it is, and of every call who may and what is refused', () => {
  const { info, operations } = read();
  expect(info).toMatchObject({ title: 'Recoup', license: { identifier: 'Apache-2.0' }, contact: { name: 'Recoup' } });
  expect(JSON.stringify(info)).not.toContain('@');
  expect(operations.length).toBeGreaterThan(40);
  for (const { operationId, security, responses } of operations) {
    expect(security.some((by) => 'id_token' in by), operationId).toBe(true);
    expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining(['401', '403', '500', '503']));
    for (const answer of Object.values(responses)) expect(answer.$ref ?? answer.description, operationId).toBeTruthy();
  }
});

test('what is sent in its examples, and what is answered, is as it says', () => {
  const api = JSON.parse(readFileSync(file, 'utf8'));
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(api, 'api');
  const wrong: unknown[] = [];
  const hold = (name: string, path: string, example: unknown): void => {
    const validate = ajv.getSchema(`api#${path}`);
    if (!validate?.(example)) wrong.push([name, validate?.errors?.slice(0, 2)]);
  };
  const escaped = (part: string): string => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
  let held = 0;
  for (const [path, item] of Object.entries<Record<string, Described>>(api.paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const at = `/paths/${escaped(path)}/${method}`;
      const contents: [string, Record<string, { example?: unknown }>][] = [[`${at}/requestBody`, operation.requestBody?.content ?? {}]];
      for (const [status, answer] of Object.entries(operation.responses)) contents.push([`${at}/responses/${status}`, answer.content ?? {}]);
      for (const [where, content] of contents) {
        for (const [kind, { example }] of Object.entries(content)) {
          if (!kind.includes('json') || kind.includes('ndjson')) continue;
          held += 1;
          hold(`${operation.operationId} ${where.split('/').at(-1)}`, `${where}/content/${escaped(kind)}/schema`, example);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(held).toBeGreaterThan(80);
});

test('openapi-typescript makes a client of it, and the page is built with that', async () => {
  const source = astToString(await openapiTS(pathToFileURL(file)));
  expect(complaints(source)).toEqual([]);
  for (const { operationId } of read().operations) expect(source).toMatch(new RegExp(`\\b${operationId}: {`));
  const kept = readFileSync(resolve(import.meta.dirname, 'schema.ts'), 'utf8');
  expect(kept.endsWith(source), 'run `npm run types`').toBe(true);
});

test('oazapfts makes a client of it', () => {
  const source = execFileSync('npx', ['--no-install', 'oazapfts', file], { encoding: 'utf8' });
  expect(complaints(source)).toEqual([]);
  const made = source.match(/^export function /gm) ?? [];
  expect(made.length).toBe(read().operations.length);
});
