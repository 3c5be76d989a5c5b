import { isLosslessNumber, parse } from 'lossless-json';

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
