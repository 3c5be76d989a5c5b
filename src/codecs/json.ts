import { isLosslessNumber, parse } from 'lossless-json';

import { canonicalDecimal } from './decimal';
import type { Decoding } from './decode';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Deeper than anything a partner documents; a parser that recurses would otherwise be at the mercy of the sender. */
const DEEPEST = 100;

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

function refused(found: string): Decoding<never> {
  return { ok: false, problem: { path: 'body', expected: 'a JSON object', found } };
}

/** A value's one spelling: keys sorted, numbers without exponent or trailing zeros; the same content is the same text. */
export function canonicalJson(value: unknown): string {
  if (isLosslessNumber(value)) return canonicalDecimal(value.value) ?? value.value;
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonicalJson(one)}`).join(',')}}`;
}

/** Reads bytes as a JSON object; numbers keep every digit they were sent with (`lossless-json`). Never throws. */
export function parseJson(bytes: Uint8Array): Decoding<object> {
  if (bytes.length === 0) return refused('an empty body');
  try {
    const text = UTF8.decode(bytes);
    if (isTooDeep(text)) return refused(`JSON nested deeper than ${DEEPEST}`);
    const value = parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || isLosslessNumber(value)) {
      return refused('JSON of another kind');
    }
    return { ok: true, value };
  } catch {
    return refused(`${bytes.length} bytes that are not JSON`);
  }
}
