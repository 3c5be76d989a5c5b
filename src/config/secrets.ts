import type { VariableReader } from './environment';

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Static webhook headers from JSON: accepted values, newest first, by header name in lower case. */
export function readStaticHeaders(
  read: VariableReader,
  name: string,
): Readonly<Record<string, readonly string[]>> | null {
  const expected = 'JSON of header names, each with a list of accepted values such as {"api-key":["new","old"]}';
  const entries = entriesOf(read, name, expected);
  if (entries === null) return null;
  const found = new Map<string, readonly string[]>();
  for (const [header, value] of entries) {
    const values = acceptedValues(value);
    if (!HEADER_NAME.test(header)) read.complain(name, expected, 'a name that HTTP does not allow');
    else if (values === null) read.complain(name, expected, `no usable value for ${header}`);
    else if (found.has(header.toLowerCase())) read.complain(name, expected, `the header ${header} twice`);
    else found.set(header.toLowerCase(), values);
  }
  return found.size === entries.length ? Object.fromEntries(found) : null;
}

/** Entries of a JSON object in a variable; null when unset, empty or something else (then complained about). */
function entriesOf(read: VariableReader, name: string, expected: string): readonly [string, unknown][] | null {
  const value = read.json(name, expected);
  if (value === undefined) return null;
  if (isRecord(value) && Object.keys(value).length > 0) return Object.entries(value);
  read.complain(name, expected, isRecord(value) ? 'an empty object' : 'JSON of another kind');
  return null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Value that HTTP transports unchanged: a space at an end would be trimmed on its way, and the value would never
 * match.
 */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

function acceptedValues(value: unknown): readonly string[] | null {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const usable = values.filter((one) => typeof one === 'string').filter((one) => HEADER_VALUE.test(one));
  return usable.length > 0 && usable.length === values.length ? usable : null;
}

/** Secrets separated by commas, newest first. */
export function readSecretList(read: VariableReader, name: string): readonly string[] | null {
  const value = read.text(name);
  if (value === undefined) return null;
  const secrets = value.split(',').map((secret) => secret.trim());
  if (!secrets.includes('')) return secrets;
  read.complain(name, 'secrets separated by commas, newest first', 'an empty one among them');
  return null;
}

/**
 * Operations tokens from JSON, by the name of their holder. One token under two names would make the audit ambiguous.
 */
export function readOperationsTokens(read: VariableReader, name: string): Readonly<Record<string, string>> | null {
  const expected = 'JSON of names, each with a token of its own such as {"alice":"…"}';
  const entries = entriesOf(read, name, expected);
  if (entries === null) return null;
  const found = new Map<string, string>();
  for (const [who, token] of entries) {
    if (who === '') read.complain(name, expected, 'an empty name');
    else if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
      read.complain(name, expected, `no token of visible characters for ${who}`);
    else if ([...found.values()].includes(token)) read.complain(name, expected, `the token of ${who} twice`);
    else found.set(who, token);
  }
  return found.size === entries.length ? Object.fromEntries(found) : null;
}
