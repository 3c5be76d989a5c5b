import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Key for the bodies of a development database, as `BODY_ENCRYPTION_KEYS` takes it. It is stored beside a database
 * that is used again: with a new key each time, bodies that the last run had not dispatched could not be decrypted.
 * Null: a new key for one run.
 */
export function developmentBodyKeys(file: string | null): string {
  return keptIn(file, () => JSON.stringify({ development: newKey() }));
}

/** Key for the references of a development database, as `REFERENCE_HASH_KEY` takes it; stored likewise. */
export function developmentReferenceKey(file: string | null): string {
  return keptIn(file, newKey);
}

function newKey(): string {
  return randomBytes(32).toString('base64');
}

function keptIn(file: string | null, make: () => string): string {
  if (file !== null && existsSync(file)) return readFileSync(file, 'utf8');
  const made = make();
  if (file !== null) writeFileSync(file, made, { mode: 0o600 });
  return made;
}
