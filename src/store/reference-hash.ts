import { createHmac } from 'node:crypto';

/**
 * Hash by which one of our own references is found as a whole: HMAC-SHA-256 of its text. A reference that is a JSON object
 * is found in whatever order its fields are written.
 */
export function referenceHash(key: Buffer, reference: string): Buffer {
  return createHmac('sha256', key).update(spellingOf(reference)).digest();
}

function spellingOf(reference: string): string {
  const value = reference.trimStart().startsWith('{') ? parsed(reference) : undefined;
  return value === undefined ? reference : JSON.stringify(inOrder(value));
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]): [string, unknown] => [name, inOrder(one)]));
}
