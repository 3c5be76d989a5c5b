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

interface FurtherColumn {
  readonly name: string;
  readonly valueOf: (delivery: EncryptedDelivery) => string | null;
}

/**
 * Columns that a statement names only where a delivery has a value for them: without encryption and tracing an append
 * costs what it did before they existed.
 */
const FURTHER_COLUMNS: readonly FurtherColumn[] = [
  { name: 'body_key', valueOf: ({ body }) => body.keyName },
  { name: 'traceparent', valueOf: ({ delivery }) => delivery.traceparent },
];

/**
 * Statement that keeps the deliveries and counts them in the given slot. Where one of them is kept already, the
 * `first` attempt fails as a whole, and an attempt `again` passes over it.
 */
export function appendStatement(deliveries: readonly EncryptedDelivery[], slot: number, attempt: Attempt) {
  const values: unknown[] = [slot];
  const further = FURTHER_COLUMNS.filter(({ valueOf }) => deliveries.some((encrypted) => valueOf(encrypted) !== null));
  for (const encrypted of deliveries) {
    const { delivery, headersJson, body } = encrypted;
    values.push(
      delivery.id,
      delivery.partner,
      delivery.route,
      delivery.receivedAt.toISOString(),
      delivery.source,
      headersJson,
      body.bytes,
      delivery.bodySha256,
      delivery.body.length,
      delivery.verdict,
      delivery.credentialFingerprint,
    );
    for (const { valueOf } of further) values.push(valueOf(encrypted));
  }
  const name = ['append', attempt, ...further.map((column) => column.name), String(deliveries.length)].join('-');
  return { name, text: textOf(name, deliveries.length, further, attempt), values };
}

const COLUMNS = [
  ['id', 'uuid'],
  ['partner', 'text'],
  ['route', 'text'],
  ['received_at', 'timestamptz'],
  ['source', 'text'],
  ['headers', 'jsonb'],
  ['body', 'bytea'],
  ['body_sha256', 'bytea'],
  ['body_bytes', 'int'],
  ['verdict', 'text'],
  ['credential_fingerprint', 'text'],
] as const;

/** Columns of the table of bodies; the body is in no other. */
const BODY_COLUMNS: ReadonlySet<string> = new Set(['partner', 'received_at', 'id', 'body', 'body_key']);

/**
 * Texts of statements, one per number of rows, prepared by name: PostgreSQL parses and plans each once per
 * connection.
 */
const texts = new Map<string, string>();

/**
 * Text of the statement. The counter is part of it, so rows and counter are committed together or not at all. A row
 * that an attempt with an unknown result has written after all is neither written nor counted twice by the next
 * attempt. A first attempt does not look for it, which would cost a tenth of the statement. Counters are locked in
 * the order of partners, or the statements of two processes could wait for each other.
 */
function textOf(name: string, rows: number, further: readonly FurtherColumn[], attempt: Attempt): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const columns = [...COLUMNS, ...further.map((column) => [column.name, 'text'] as const)];
  const insertOf = (table: string, isOf: (name: string) => boolean, conflict: string): string => {
    const own = columns.flatMap(([name, type], column) => (isOf(name) ? [{ name, type, column }] : []));
    const tuples = Array.from({ length: rows }, (_, row) => {
      const values = own.map(({ type, column }) => `$${row * columns.length + column + 2}::${type}`);
      return `(${values.join(', ')})`;
    });
    const names = own.map(({ name }) => name).join(', ');
    return `INSERT INTO ${table} (${names}) VALUES ${tuples.join(', ')} ${attempt === 'again' ? conflict : ''}`;
  };
  const text = `
    WITH kept AS (
      ${insertOf('deliveries', (name) => name !== 'body', 'ON CONFLICT (id) DO NOTHING')} RETURNING partner
    ), bodies AS (
      ${insertOf('delivery_bodies', (name) => BODY_COLUMNS.has(name), 'ON CONFLICT DO NOTHING')}
    )
    INSERT INTO counters (name, partner, slot, value)
    SELECT 'received', partner, $1::smallint, count(*) FROM kept GROUP BY partner ORDER BY partner
    ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`;
  texts.set(name, text);
  return text;
}
