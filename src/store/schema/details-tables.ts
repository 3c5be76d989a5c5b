import type { Generated, JSONColumnType } from 'kysely';

import type { Amount } from '../../domain/details';
import type { Partner } from '../../domain/partner';

/**
 * Rows of `subject_details`: what a partner says of each subject beside its state, and its answer to the last read. There
 * is one from the first delivery or read that says anything; older subjects have none.
 */
export interface SubjectDetailsTable {
  workflow_id: string;
  partner: Partner;
  /** Age of the news: the time at which they were received, or asked for. Older ones only fill what is missing. */
  told_at: Date;
  created_at: Generated<Date>;
  /** The partner's id of its user: a pseudonym. */
  user_id: string | null;
  /** Our own reference, encrypted where bodies are; `reference_key` is the stored name of the key, null in clear. */
  reference: Buffer | null;
  reference_key: string | null;
  /** HMAC-SHA-256 of the reference under `REFERENCE_HASH_KEY`, by which it is found; null without that key. */
  reference_hash: Buffer | null;
  reason: string | null;
  /** The partner's own time of the last change, as sent. */
  changed_at: string | null;
  side: string | null;
  /** The partner's word for the test domain from which it comes; null in production. */
  sandbox: string | null;
  /** Amounts by `amountKey`. */
  amounts: JSONColumnType<Readonly<Record<string, Amount>>>;
  facts: JSONColumnType<Readonly<Record<string, string>>>;
  /** The whole answer of the last read, encrypted where bodies are; null where none was read, or its retention is over. */
  object: Buffer | null;
  object_key: string | null;
  /** Times at which the kept answer was asked for, and at which it came. */
  object_asked_at: Date | null;
  object_read_at: Date | null;
}

/** Tables of what partners say of subjects beside their states. */
export interface DetailsTables {
  subject_details: SubjectDetailsTable;
}
