import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Parser } from '@asyncapi/parser';
import Ajv from 'ajv/dist/2020';

import { asyncApiOf } from '../../../src/domain/messages/async-api';
import { messageTypes } from '../../../src/domain/messages/catalogue';
import { PARTNERS } from '../../../src/partners';
import { messageSourcesOf } from '../../../src/partners/message-sources';
import { asyncApiText, withMessageTable } from '../../../src/tools/message-catalogue';

const DOCS = join(__dirname, '..', '..', '..', 'docs');
const SOURCES = messageSourcesOf(PARTNERS);
/** A time as JSON has it: the formats of the standard are a package of their own. */
const FORMATS = { 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ };
const TYPES = messageTypes(SOURCES).map(({ type }) => type);

test('the description of the messages is understood by the parser of AsyncAPI, without an error or a warning', async () => {
  const { document, diagnostics } = await new Parser().parse(JSON.stringify(asyncApiOf(SOURCES)));
  const severities = diagnostics.map(({ severity }): number => severity);
  expect(severities.filter((severity) => severity <= 1)).toEqual([]);
  expect(document?.version()).toBe('3.0.0');
  expect(
    document
      ?.allMessages()
      .all()
      .map((message) => message.name())
      .sort(),
  ).toEqual([...TYPES].sort());
});

describe('the example of', () => {
  const document: { components: { messages: Record<string, { payload: object; examples: { payload: unknown }[] }> } } =
    JSON.parse(asyncApiText());
  const ajv = new Ajv({
    strict: false,
    allowUnionTypes: true,
    strictRequired: false,
    strictTypes: false,
    formats: FORMATS,
  });
  ajv.addSchema({ $id: 'urn:partnerflow:messages', ...document });
  const pointer = (type: string): string => `urn:partnerflow:messages#/components/messages/${type}/payload`;

  test.each(TYPES)('%s is one by its schema', (type) => {
    const [example] = document.components.messages[type]?.examples ?? [];
    const validate = ajv.getSchema(pointer(type));
    expect([validate?.(example?.payload), validate?.errors]).toEqual([true, null]);
    expect(example?.payload).toMatchObject({ type });
  });

  test('one type is none of another, nor one without its data', () => {
    const [example] = document.components.messages['order.placed']?.examples ?? [];
    expect(ajv.getSchema(pointer('order.filled'))?.(example?.payload)).toBe(false);
    expect(ajv.getSchema(pointer('order.placed'))?.({ type: 'order.placed' })).toBe(false);
  });
});

test('the catalogue and the description in docs/ are those of the code', () => {
  const page = readFileSync(join(DOCS, 'messages.md'), 'utf8');
  expect(withMessageTable(page)).toBe(page);
  expect(readFileSync(join(DOCS, 'asyncapi.json'), 'utf8')).toBe(asyncApiText());
});
