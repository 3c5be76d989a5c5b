import type { Partner } from '../../domain/partner';
import type { AuthenticityResult } from '../../domain/authenticity';

import { bodyBinding, headersBinding, encryptJson, type Encryption, type StoredBytes } from '../encryption';

/** Authentic request as it is kept. */
export interface NewDelivery {
  readonly id: string;
  readonly partner: Partner;
  readonly route: string;
  readonly receivedAt: Date;
  readonly source: 'webhook' | 'sweep';
  /** JSON of name and value pairs, credentials replaced. */
  readonly headersJson: string;
  readonly body: Buffer;
  readonly bodySha256: Buffer;
  readonly verdict: AuthenticityResult;
  readonly credentialFingerprint: string | null;
  /** Trace under which it is received; null where nothing is traced. */
  readonly traceparent: string | null;
}

/** Delivery with its body and headers as they are stored. */
export interface EncryptedDelivery {
  readonly delivery: NewDelivery;
  readonly headersJson: string;
  readonly body: StoredBytes;
}

/** Encryption of body and headers, done once for all attempts to write them. */
export function encryptDelivery(delivery: NewDelivery, encryption: Encryption): EncryptedDelivery {
  const { id, headersJson, body } = delivery;
  return {
    delivery,
    headersJson: encryptJson(encryption, headersJson, headersBinding(id)),
    body: encryption.encrypt(body, bodyBinding(id)),
  };
}

/** Attempt to write a batch. `again`: an earlier attempt may have kept some or all of it. */
export type Attempt = 'first' | 'again';

/**
 * Statement that keeps the deliveries and counts them in the given slot. Where one of them is kept already, the
 * `first` attempt fails as a whole, and an attempt `again` passes over it. Each attempt has one text however many
 * deliveries there are, which PostgreSQL parses and plans once per connection: a text for each number of rows would
 * fill the memory of its process with plans.
 */
export function appendStatement(deliveries: readonly EncryptedDelivery[], slot: number, attempt: Attempt) {
  const headers = packed(deliveries.map(({ headersJson }) => Buffer.from(headersJson)));
  const bodies = packed(deliveries.map(({ body }) => body.bytes));
  const hashes = packed(deliveries.map(({ delivery }) => delivery.bodySha256));
  const column = <Value>(valueOf: (delivery: NewDelivery) => Value): readonly Value[] =>
    deliveries.map(({ delivery }) => valueOf(delivery));
  const values: unknown[] = [
    slot,
    column(({ id }) => id),
    column(({ partner }) => partner),
    column(({ route }) => route),
    column(({ receivedAt }) => receivedAt.toISOString()),
    column(({ source }) => source),
    column(({ body }) => body.length),
    column(({ verdict }) => verdict),
    column(({ credentialFingerprint }) => credentialFingerprint),
    column(({ traceparent }) => traceparent),
    deliveries.map(({ body }) => body.keyName),
    ...[headers.bytes, headers.starts, headers.lengths],
    ...[bodies.bytes, bodies.starts, bodies.lengths],
    ...[hashes.bytes, hashes.starts, hashes.lengths],
  ];
  return { name: `append-${attempt}`, text: TEXTS[attempt], values };
}

/**
 * Bytes of all rows behind each other, with the place (from 1) and length of each. Bytes in an array are sent as text,
 * twice as long, and read character by character; these are sent as they are.
 */
function packed(parts: readonly Buffer[]) {
  const lengths = parts.map(({ length }) => length);
  let next = 1;
  const starts = lengths.map((length) => {
    next += length;
    return next - length;
  });
  return { bytes: Buffer.concat(parts), starts, lengths };
}

/**
 * Text of an attempt. The counter is part of it, so rows and counter are committed together or not at all. A row
 * that an attempt with an unknown result has written after all is neither written nor counted twice by the next
 * attempt. A first attempt does not look for it, which would cost a tenth of the statement. Counters are locked in
 * the order of partners, or the statements of two processes could wait for each other. What is received is also
 * counted by its day, so that a row that is missing can be found. It queues its rows itself, and says so to the trigger
 * that would.
 */
function textOf(attempt: Attempt): string {
  return `
    WITH input AS (
      SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::int[], $8::text[], $9::text[],
                           $10::text[], $11::text[], $13::int[], $14::int[], $16::int[], $17::int[], $19::int[], $20::int[])
        AS row (id, partner, route, received_at, source, body_bytes, verdict, credential_fingerprint,
                traceparent, body_key, headers_start, headers_length, body_start, body_length, hash_start, hash_length)
    ), kept AS (
      INSERT INTO deliveries (id, partner, route, received_at, source, headers, body_key, body_sha256, body_bytes,
                              verdict, credential_fingerprint, traceparent)
      SELECT id, partner, route, received_at, source,
        convert_from(substring($12::bytea FROM headers_start FOR headers_length), 'UTF8')::jsonb, body_key,
        substring($18::bytea FROM hash_start FOR hash_length), body_bytes, verdict, credential_fingerprint, traceparent
      FROM (SELECT set_config('partnerflow.queues_itself', 'yes', true)) AS said, input
      ${attempt === 'again' ? 'ON CONFLICT (id) DO NOTHING' : ''} RETURNING position, partner, received_at
    ), queued AS (
      INSERT INTO delivery_queue (position, partner, received_at, next_attempt_at, attempts, refusals)
      SELECT position, partner, received_at, now(), 0, 0 FROM kept
    ), bodies AS (
      INSERT INTO delivery_bodies (partner, received_at, id, body, body_key)
      SELECT partner, received_at, id, substring($15::bytea FROM body_start FOR body_length), body_key FROM input
      ${attempt === 'again' ? 'ON CONFLICT DO NOTHING' : ''}
    ), by_day AS (
      INSERT INTO count_changes (name, partner, day, value)
      SELECT 'received', partner, (received_at AT TIME ZONE 'UTC')::date, count(*) FROM kept GROUP BY 2, 3
    )
    INSERT INTO counters (name, partner, slot, value)
    SELECT 'received', partner, $1::smallint, count(*) FROM kept GROUP BY partner ORDER BY partner
    ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`;
}

const TEXTS: Readonly<Record<Attempt, string>> = { first: textOf('first'), again: textOf('again') };
