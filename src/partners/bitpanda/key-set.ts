import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';

import type { BitpandaKey } from './authenticate';

/** Form of a key set, for problems. */
export const KEY_SET_EXPECTED =
  'a JWK set, or the path of a file that holds one: {"keys": [ECDSA P-256 public keys, each with its own kid]}';

/** Public keys of a JWK set, given as JSON or as the path of a file; or the word for what is wrong with it. */
export function readKeySet(given: string): readonly BitpandaKey[] | string {
  let content: unknown;
  try {
    content = contentOf(given);
  } catch (error) {
    return error instanceof SyntaxError ? 'something that is not JSON' : 'a path that cannot be read';
  }
  const entries: unknown = isObject(content) ? content.keys : undefined;
  if (!Array.isArray(entries) || entries.length === 0) return 'JSON without keys';
  const keys = entries.map(keyOf);
  const wrong = keys.find((key) => typeof key === 'string');
  if (wrong !== undefined) return wrong;
  const usable = keys.filter((key) => typeof key !== 'string');
  const kids = new Set(usable.map(({ kid }) => kid));
  return kids.size === usable.length ? usable : 'one kid twice';
}

function contentOf(given: string): unknown {
  const text = given.trimStart().startsWith('{') ? given : readFileSync(given, 'utf8');
  const value: unknown = JSON.parse(text);
  return value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Key, or the word for what is wrong with it. */
function keyOf(value: unknown): BitpandaKey | string {
  if (!isObject(value)) return 'an entry that is no key';
  const { kid, kty, crv, x, y } = value;
  if ('d' in value) return 'a private key';
  if (typeof kid !== 'string' || kid === '') return 'a key without kid';
  if (kty !== 'EC' || crv !== 'P-256' || typeof x !== 'string' || typeof y !== 'string') return 'a key of another kind';
  try {
    createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  } catch {
    return 'a key that is no point of P-256';
  }
  return { kid, kty, crv, x, y };
}
