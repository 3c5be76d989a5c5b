import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Key for the bodies of a development database, as `BODY_ENCRYPTION_KEYS` takes it. It is stored beside a database
 * that is used again: with a new key each time, bodies that the last run had not dispatched could not be decrypted.
 * Null: a new key for one run.
 */
export function developmentBodyKeys(file: string | null): string {
  if (file !== null && existsSync(file)) return readFileSync(file, 'utf8');
  const keys = JSON.stringify({ development: randomBytes(32).toString('base64') });
  if (file !== null) writeFileSync(file, keys, { mode: 0o600 });
  return keys;
}
