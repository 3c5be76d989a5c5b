import type { Partner } from '../../domain/partner';
import type { Fields, Schema } from './fields';
import type { Operation } from './operation';
import { schemasOf } from './schemas';

const ALWAYS: Readonly<Record<number, string>> = {
  400: 'A value is not what was expected; the answer names the field.',
  401: 'No known token.',
  503: 'Something of ours is away; Retry-After says when to ask again.',
};

function reference(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function responseOf(status: number, said: string): Schema {
  if (status < 300) return { description: 'Done.', content: { 'application/json': { schema: reference(said) } } };
  return { description: said, content: { 'application/problem+json': { schema: reference('Problem') } } };
}

function fieldSchemasOf(fields: Fields): Record<string, Schema> {
  return Object.fromEntries(Object.entries(fields).map(([name, { schema }]) => [name, schema]));
}

function parametersOf({ path, query }: Operation): readonly Schema[] {
  const inPath = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(fieldSchemasOf(query)).map(([name, schema]) => ({ name, in: 'query', schema }));
  return [...inPath, ...inQuery];
}

function bodyOf({ body }: Operation): Schema {
  if (body === null) return {};
  const properties = { ...fieldSchemasOf(body.required), ...fieldSchemasOf(body.optional) };
  const schema = { type: 'object', properties, required: Object.keys(body.required), additionalProperties: false };
  return { requestBody: { required: true, content: { 'application/json': { schema } } } };
}

function operationOf(operation: Operation): Schema {
  const responses = Object.entries({ ...operation.answers, ...ALWAYS }).map(([status, said]) => [
    status,
    responseOf(Number(status), said),
  ]);
  return {
    summary: operation.summary,
    parameters: parametersOf(operation),
    ...bodyOf(operation),
    responses: Object.fromEntries(responses),
  };
}

/** The description of the routes as OpenAPI 3.1, from the same values that check and answer them. */
export function openApiOf(operations: readonly Operation[], partners: readonly Partner[]): Schema {
  const paths = new Map<string, Record<string, Schema>>();
  for (const operation of operations) {
    paths.set(operation.path, { ...paths.get(operation.path), [operation.method]: operationOf(operation) });
  }
  return {
    openapi: '3.1.0',
    info: { title: 'partnerflow operations', version: '1' },
    security: [{ token: [] }],
    paths: Object.fromEntries(paths),
    components: { schemas: schemasOf(partners), securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  };
}
