import type { Partner } from '../../domain/partner';
import type { AuthenticityResult } from '../../domain/authenticity';

import { bodyBinding, headersBinding, encryptJson, type Encryption, type Stored } from '../encryption';

/** An authentic request as it is kept. */
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
  /** The trace it is received under; null where nothing is traced. */
  readonly traceparent: string | null;
}

/** A delivery, and its body and headers as they are stored. */
export interface EncryptedDelivery {
  readonly delivery: NewDelivery;
  readonly headersJson: string;
  readonly body: Stored;
}

/** Seals body and headers, once for all attempts to write them. */
export function encryptDelivery(delivery: NewDelivery, encryption: Encryption): EncryptedDelivery {
  const { id, headersJson, body } = delivery;
  return {
    delivery,
    headersJson: encryptJson(encryption, headersJson, headersBinding(id)),
    body: encryption.encrypt(body, bodyBinding(id)),
  };
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

interface FurtherColumn {
  readonly name: string;
  readonly valueOf: (delivery: EncryptedDelivery) => string | null;
}

/**
 * Columns that stand in a statement only where a delivery has something for them: what is neither sealed nor traced
 * costs nothing more than it did before there was sealing and tracing.
 */
const FURTHER_COLUMNS: readonly FurtherColumn[] = [
  { name: 'body_key', valueOf: ({ body }) => body.keyName },
  { name: 'traceparent', valueOf: ({ delivery }) => delivery.traceparent },
];

/** `again`: an attempt before may have kept some or all of it. */
export type Attempt = 'first' | 'again';

/** One text per number of rows, prepared by name: PostgreSQL parses and plans each once per connection. */
const texts = new Map<string, string>();

/**
 * The counter is part of the statement, so rows and counter are committed together or not at all. A row that an attempt
 * with an unknown end has written after all is neither written nor counted twice when it is tried again; a first attempt
 * does not look for it, which would cost a tenth of the statement. Counters are locked in the order of partners, or the
 * statements of two processes could wait for each other.
 */
function textOf(name: string, rows: number, further: readonly FurtherColumn[], attempt: Attempt): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const columns = [...COLUMNS, ...further.map((column) => [column.name, 'text'] as const)];
  const tuples = Array.from({ length: rows }, (_, row) => {
    const values = columns.map(([, type], column) => `$${row * columns.length + column + 2}::${type}`);
    return `(${values.join(', ')})`;
  });
  const text = `
    WITH kept AS (
      INSERT INTO deliveries (${columns.map(([column]) => column).join(', ')}) VALUES ${tuples.join(', ')} ${attempt === 'again' ? 'ON CONFLICT (id) DO NOTHING' : ''} RETURNING partner
    )
    INSERT INTO counters (name, partner, slot, value)
    SELECT 'received', partner, $1::smallint, count(*) FROM kept GROUP BY partner ORDER BY partner
    ON CONFLICT (name, partner, slot) DO UPDATE SET value = counters.value + excluded.value`;
  texts.set(name, text);
  return text;
}

/**
 * One statement that keeps the deliveries and counts them in the given slot. Where one of them is kept already, the
 * `first` attempt fails as a whole, and what is tried `again` passes over it.
 */
export function appendStatement(deliveries: readonly EncryptedDelivery[], slot: number, attempt: Attempt) {
  const values: unknown[] = [slot];
  const further = FURTHER_COLUMNS.filter(({ valueOf }) => deliveries.some((sealed) => valueOf(sealed) !== null));
  for (const sealed of deliveries) {
    const { delivery, headersJson, body } = sealed;
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
    for (const { valueOf } of further) values.push(valueOf(sealed));
  }
  const name = ['append', attempt, ...further.map((column) => column.name), String(deliveries.length)].join('-');
  return { name, text: textOf(name, deliveries.length, further, attempt), values };
}
