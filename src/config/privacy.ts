import type { Partner } from '../domain/partner';
import type { VariableReader } from '../codecs/environment';
import { charactersIn } from '../domain/plain-text';
import type { EncryptionKey } from '../store/encryption';
import { type RecordDays, TERMED_RECORDS, type TermedRecord } from '../domain/termed-records';

const KEYS_EXPECTED =
  'JSON of names, each with a key of 32 bytes in base64, newest first: {"2026-06":"…"} (openssl rand -base64 32)';
const KEY_BYTES = 32;
const KEY_BASE64 = /^[A-Za-z0-9+/]{43}=$/;
/** Name of a key. JSON parsers of JavaScript would move a name of digits alone to the front, whatever its place. */
const KEY_ID = /^(?!\d+$)[A-Za-z0-9_-]{1,40}$/;

/** Keys of AES-256 by the names operators gave them, newest first; null where the variable is unset or bad. */
export function readEncryptionKeys(read: VariableReader, name: string): readonly EncryptionKey[] | null {
  const entries = read.entries(name, KEYS_EXPECTED);
  if (entries === null) return null;
  const found = new Map<string, string>();
  for (const [id, value] of entries) {
    if (!KEY_ID.test(id))
      read.complain(name, KEYS_EXPECTED, 'a name that is not 1 to 40 letters, digits, _ or -, with a letter, _ or -');
    else if (typeof value !== 'string' || !KEY_BASE64.test(value))
      read.complain(name, KEYS_EXPECTED, `no base64 of ${KEY_BYTES} bytes for ${id}`);
    else if ([...found.values()].includes(value)) read.complain(name, KEYS_EXPECTED, `the key of ${id} twice`);
    else found.set(id, value);
  }
  return found.size === entries.length
    ? [...found].map(([id, value]) => ({ id, key: Buffer.from(value, 'base64') }))
    : null;
}

const KEY_EXPECTED = 'a key of 32 bytes in base64 (openssl rand -base64 32)';

/** Key by which our own references are hashed, to be found again. It does not rotate: with another one none is found. */
export function readReferenceHashKey(read: VariableReader, name: string): Buffer | null {
  const value = read.text(name);
  if (value === undefined) return null;
  if (!KEY_BASE64.test(value)) {
    read.complain(name, KEY_EXPECTED, `text of ${charactersIn(value)} characters`);
    return null;
  }
  return Buffer.from(value, 'base64');
}

const MOST_DAYS = 36_500;

/** Days after which bodies are removed, by partner; bodies of an absent partner are kept for ever. */
export function readBodyRetention(
  read: VariableReader,
  name: string,
  partners: readonly Partner[],
): Readonly<Record<Partner, number>> {
  const example = JSON.stringify({ [partners[0] ?? '']: 365 });
  const expected = `JSON of partners, each with a whole number of days from 1 to ${MOST_DAYS}: ${example}`;
  const entries = read.entries(name, expected);
  const days: Record<Partner, number> = {};
  for (const [partner, value] of entries ?? []) {
    if (!partners.includes(partner)) read.complain(name, expected, `a name other than ${partners.join(', ')}`);
    else if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MOST_DAYS)
      read.complain(name, expected, `another value for ${partner}`);
    else days[partner] = value;
  }
  return days;
}

/** Shortest terms in days: a partner repeats an event, and Temporal keeps a run that an action names, for so long. */
const LEAST_DAYS: Readonly<Record<TermedRecord, number>> = { keys: 30, alerts: 1, audit: 30 };

/** Days after which records are removed, by kind; those of an absent kind are kept for ever. */
export function readRecordRetention(read: VariableReader, name: string): RecordDays {
  const expected = `JSON of keys, alerts or audit, each with a whole number of days to ${MOST_DAYS}, from 30 (alerts: 1): {"keys":1825}`;
  const days: Partial<Record<TermedRecord, number>> = {};
  for (const [given, value] of read.entries(name, expected) ?? []) {
    const kind = TERMED_RECORDS.find((known) => known === given);
    if (kind === undefined) read.complain(name, expected, 'another name');
    else if (typeof value !== 'number' || !Number.isInteger(value) || value < LEAST_DAYS[kind] || value > MOST_DAYS)
      read.complain(name, expected, `another value for ${kind}`);
    else days[kind] = value;
  }
  return days;
}
