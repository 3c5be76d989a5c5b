import { isLosslessNumber, parse, stringify } from 'lossless-json';

import { canonicalDecimal } from './decimal';
import type { Decoding } from './decode';

/**
 * Canonical spelling of a value: keys sorted, numbers without exponent or trailing zeros. The same content is the
 * same text.
 */
export function canonicalJson(value: unknown): string {
  if (isLosslessNumber(value)) return canonicalDecimal(value.value) ?? value.value;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
}

/** Object of JSON bytes, without loss. Never throws. */
export function parseJson(bytes: Uint8Array): Decoding<object> {
  const json = parseAny(bytes, 'a JSON object');
  if (!json.ok) return json;
  const { value } = json;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isLosslessNumber(value)) {
    return refused('a JSON object', 'JSON of another kind');
  }
  return { ok: true, value };
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Greatest depth: deeper than anything a partner documents. Without a limit the sender could exhaust a parser that
 * recurses.
 */
const DEEPEST = 100;

/** Value of JSON bytes; numbers keep every digit they were sent with (`lossless-json`). Never throws. */
function parseAny(bytes: Uint8Array, expected: string): Decoding<unknown> {
  if (bytes.length === 0) return refused(expected, 'an empty body');
  try {
    const text = UTF8.decode(bytes);
    if (isTooDeep(text)) return refused(expected, `JSON nested deeper than ${DEEPEST}`);
    return { ok: true, value: parse(text) };
  } catch {
    return refused(expected, `${bytes.length} bytes that are not JSON`);
  }
}

function refused(expected: string, found: string): Decoding<never> {
  return { ok: false, problem: { path: 'body', expected, found } };
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (inString) {
      if (character === '\\') index += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') {
      depth += 1;
      if (depth > DEEPEST) return true;
    } else if (character === '}' || character === ']') depth -= 1;
  }
  return false;
}

/** List of JSON bytes, without loss. Never throws. */
export function parseJsonList(bytes: Uint8Array): Decoding<readonly unknown[]> {
  const json = parseAny(bytes, 'a JSON list');
  if (!json.ok) return json;
  return Array.isArray(json.value) ? { ok: true, value: json.value } : refused('a JSON list', 'JSON of another kind');
}

/** JSON of a value that was read without loss: each number with the digits it came with. */
export function writeJson(value: unknown): string {
  return stringify(value) ?? 'null';
}
