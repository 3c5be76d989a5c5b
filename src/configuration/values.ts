import type { Parse, Parsed } from './variables';

function refused(expected: string, found: string): Parsed<never> {
  return { ok: false, expected, found };
}

/** A value that can be used. */
function accepted<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

/** What may be said of a value that may be secret. */
function lengthOf(text: string): string {
  return `a text of ${text.length} characters`;
}

/** Any text, also a secret. */
export const text: Parse<string> = accepted;

/** A text that HTTP hands on as it is: visible characters, with spaces inside at most. */
const HEADER_VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** A whole number within bounds, both inclusive. */
export function wholeNumber(least: number, most: number): Parse<number> {
  return (given) => {
    const value = Number(given);
    const isInRange = /^\d{1,15}$/.test(given) && value >= least && value <= most;
    return isInRange ? accepted(value) : refused(`a whole number from ${least} to ${most}`, shown(given));
  };
}

const LONGEST_SHOWN = 50;

function shown(given: string): string {
  return given.length > LONGEST_SHOWN ? lengthOf(given) : given;
}

/** A number above zero, also 0.00001. */
export const positiveNumber: Parse<number> = (given) => {
  const value = Number(given);
  return Number.isFinite(value) && value > 0 ? accepted(value) : refused('a number above 0', shown(given));
};

/** One of the known words. */
export function oneOf<T extends string>(words: readonly T[]): Parse<T> {
  return (given) => {
    const word = words.find((one) => one === given);
    return word === undefined ? refused(`one of ${words.join(', ')}`, shown(given)) : accepted(word);
  };
}

/** A URL of one of the protocols, without a slash at its end; may hold credentials, so it is never shown. */
export function url(...protocols: readonly string[]): Parse<string> {
  const expected = `a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
  return (given) => {
    if (!URL.canParse(given) || !protocols.includes(new URL(given).protocol)) return refused(expected, lengthOf(given));
    return accepted(given.replace(/\/+$/, ''));
  };
}

export const httpUrl = url('http:', 'https:');

/** Secrets separated by commas, newest first. */
export const secrets: Parse<readonly string[]> = (given) => {
  const values = given.split(',').map((one) => one.trim());
  const empty = values.filter((one) => one === '').length;
  return empty === 0
    ? accepted(values)
    : refused('secrets separated by commas, none empty', `${values.length} secrets, ${empty} of them empty`);
};

function parseJson(given: string): unknown {
  try {
    const value: unknown = JSON.parse(given);
    return value;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON object that has at least one entry. */
function jsonObject(given: string, expected: string): Parsed<Readonly<Record<string, unknown>>> {
  const value = parseJson(given);
  if (value === undefined) return refused(expected, `${lengthOf(given)} that is not JSON`);
  if (!isObject(value)) return refused(expected, 'JSON of another kind');
  return Object.keys(value).length === 0 ? refused(expected, 'an empty object') : accepted(value);
}

const TOKENS =
  'a JSON object of names and their tokens, {"name": "token"}; tokens differ and have visible characters only';

/** Operations tokens: token by the name of whom it belongs to. */
export const tokens: Parse<ReadonlyMap<string, string>> = (given) => {
  const parsed = jsonObject(given, TOKENS);
  if (!parsed.ok) return parsed;
  const found = new Map<string, string>();
  for (const [name, token] of Object.entries(parsed.value)) {
    if (name === '') return refused(TOKENS, 'an empty name');
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return refused(TOKENS, `another token of ${name}`);
    if ([...found.values()].includes(token)) return refused(TOKENS, `the token of ${name} twice`);
    found.set(name, token);
  }
  return accepted(found);
};

const HEADERS = 'a JSON object of header names and their accepted values, {"api-key": ["new", "old"]}';

function acceptedValues(value: unknown): readonly string[] | null {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const usable = values.filter((one) => typeof one === 'string').filter((one) => HEADER_VALUE.test(one));
  return usable.length > 0 && usable.length === values.length ? usable : null;
}

/** Static webhook headers: accepted values, newest first, by header name in lower case. */
export const staticHeaders: Parse<Readonly<Record<string, readonly string[]>>> = (given) => {
  const parsed = jsonObject(given, HEADERS);
  if (!parsed.ok) return parsed;
  const found = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(parsed.value)) {
    const values = acceptedValues(value);
    if (!HEADER_NAME.test(name)) return refused(HEADERS, 'a name that HTTP does not allow');
    // A value with a space around it, or an empty one, would never match: HTTP trims it.
    if (values === null) return refused(HEADERS, `no value that HTTP hands on as it is, for ${name}`);
    if (found.has(name.toLowerCase())) return refused(HEADERS, `the header ${name} twice`);
    found.set(name.toLowerCase(), values);
  }
  return accepted(Object.fromEntries(found));
};
