import type { VariableReader } from '../codecs/environment';

const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** Static webhook headers from JSON: accepted values, newest first, by header name in lower case. */
export function readStaticHeaders(
  read: VariableReader,
  name: string,
): Readonly<Record<string, readonly string[]>> | null {
  const expected = 'JSON of header names, each with a list of accepted values such as {"api-key":["new","old"]}';
  const entries = read.entries(name, expected);
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
