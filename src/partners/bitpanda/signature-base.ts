import {
  type BareItem,
  type InnerList,
  isInnerList,
  type Item,
  parseDictionary,
  parseList,
  serializeDictionary,
  serializeInnerList,
  serializeItem,
  serializeList,
} from 'structured-headers';

import { type IncomingRequest, headerValues } from '../authentication';

/** A component that a signature covers: a header field, or `@…` derived from the request, with its parameters. */
export interface Component {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, BareItem>;
}

/** Components of a member of `Signature-Input`. Throws on what is none, and on one that is named twice. */
export function componentsOf([items]: InnerList): readonly Component[] {
  const components = items.map(componentOf);
  const identities = new Set(components.map(identityOf));
  if (identities.size !== components.length) throw new Error('a component twice');
  return components;
}

function componentOf([name, parameters]: Item): Component {
  if (typeof name !== 'string' || name !== name.toLowerCase()) throw new Error('a component without a name');
  return { name, parameters };
}

/** The same whatever the order of the parameters is. */
function identityOf({ name, parameters }: Component): string {
  const ordered = [...parameters].sort(([one], [other]) => (one < other ? -1 : 1));
  return serializeItem(name, new Map(ordered));
}

/**
 * ASCII text that a signature signs (RFC 9421 §2.5), for a request to the target URI. Throws where a covered component is
 * missing, unknown, or not to be computed. No library that is strict computes `@query-param`, `sf` and `bs`.
 */
export function signatureBase(request: IncomingRequest, targetUri: string, input: InnerList): string {
  const lines = componentsOf(input).map((component) => {
    const value = valueOf(component, request, targetUri);
    if (!/^[\t\x20-\x7e]*$/.test(value)) throw new Error('a value that is not ASCII');
    return `${serializeItem(component.name, new Map(component.parameters))}: ${value}`;
  });
  return [...lines, `"@signature-params": ${serializeInnerList(input)}`].join('\n');
}

function valueOf(component: Component, request: IncomingRequest, targetUri: string): string {
  const { name, parameters } = component;
  if (name.startsWith('@')) return derivedValue(component, request, targetUri);
  const lines = headerValues(request, name).map((line) => line.replace(/^[\t ]+|[\t ]+$/g, ''));
  if (lines.length === 0) throw new Error('a missing field');
  return fieldValue(lines, parameters);
}

/** Value of a field, by its parameters: its lines joined, one member of it, serialized strictly, or line by line as bytes. */
function fieldValue(lines: readonly string[], parameters: Component['parameters']): string {
  const joined = lines.join(', ');
  const { key, ...flags } = Object.fromEntries(parameters);
  const names = Object.keys(flags);
  if (names.some((flag) => !['sf', 'bs'].includes(flag) || flags[flag] !== true))
    throw new Error('a parameter unknown');
  if (flags.bs === true && parameters.size > 1) throw new Error('bs beside another parameter');
  if (flags.bs === true) return lines.map((line) => serializeItem(Buffer.from(line, 'latin1'))).join(', ');
  if (key !== undefined) return memberValue(joined, key);
  return flags.sf === true ? strictly(joined) : joined;
}

function memberValue(field: string, key: BareItem): string {
  const member = typeof key === 'string' ? parseDictionary(field).get(key) : undefined;
  if (member === undefined) throw new Error('a missing member');
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
}

/**
 * Strict serialization of a structured field, whose type no header says: what is no list is a dictionary. An item is
 * serialized like a list of one.
 */
function strictly(field: string): string {
  try {
    return serializeList(parseList(field));
  } catch {
    return serializeDictionary(parseDictionary(field));
  }
}

type Derived = (parts: TargetParts, request: IncomingRequest) => string;

const DERIVED: Readonly<Record<string, Derived>> = {
  '@method': (_, { method }) => method,
  '@target-uri': ({ uri }) => uri,
  '@scheme': ({ scheme }) => scheme,
  '@authority': ({ authority }) => authority,
  '@path': ({ path }) => path,
  '@query': ({ query }) => query ?? '?',
  '@request-target': (_, { url, requestTarget }) => requestTarget ?? url,
};

function derivedValue({ name, parameters }: Component, request: IncomingRequest, targetUri: string): string {
  const parts = targetParts(targetUri);
  if (name === '@query-param') return queryValue(parts, parameters);
  const derived = Object.hasOwn(DERIVED, name) ? DERIVED[name] : undefined;
  if (derived === undefined || parameters.size > 0) throw new Error('a component that is not known');
  return derived(parts, request);
}

interface TargetParts {
  readonly uri: string;
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  /** With its question mark; null where there is none. */
  readonly query: string | null;
}

/** Parts exactly as they are written: a URL parser would decode and resolve what was signed. */
function targetParts(uri: string): TargetParts {
  const [, scheme, authority, path, query] = /^(https?):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?$/.exec(uri) ?? [];
  if (scheme === undefined || authority === undefined || path === undefined) throw new Error('no target URI');
  return { uri, scheme, authority, path: path === '' ? '/' : path, query: query ?? null };
}

/** Value of the one query parameter of a name, encoded anew (RFC 9421 §2.2.8). One that comes twice is nobody's value. */
function queryValue({ query }: TargetParts, parameters: Component['parameters']): string {
  const name = parameters.get('name');
  if (typeof name !== 'string' || parameters.size !== 1) throw new Error('a query parameter without its name');
  const values = [...new URLSearchParams(query ?? '')].filter(([given]) => encoded(given) === name);
  const [only] = values;
  if (only === undefined || values.length > 1) throw new Error('no such query parameter, or several');
  return encoded(only[1]);
}

/** By the percent-encode set of forms, with spaces as `%20`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
