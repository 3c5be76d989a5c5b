import { type Kysely, sql } from 'kysely';

import type { OutgoingMessage, OutgoingTarget } from '../../domain/outgoing';
import type { Tables } from '../schema/tables';

/** Text of an alert that is signed and sent, by the Standard Webhooks specification. */
export function bodyOf({ type, at, data }: Pick<OutgoingMessage, 'type' | 'at' | 'data'>): string {
  return JSON.stringify({ type, timestamp: at, data });
}

/** Renewal of the time until which a target's messages are wanted, and of the patterns of the types that are. */
export async function wantMessages(
  database: Kysely<Tables>,
  target: OutgoingTarget,
  forMs: number,
  types: readonly string[] | null = null,
): Promise<void> {
  const given = types === null ? null : [...types];
  await sql`
    INSERT INTO outbox_targets (target, wanted_until, types)
    VALUES (${target}, now() + ${forMs} * interval '1 millisecond', ${given}::text[])
    ON CONFLICT (target) DO UPDATE SET wanted_until = greatest(outbox_targets.wanted_until, excluded.wanted_until),
      types = excluded.types`.execute(database);
}

/** True while a receiver sends messages to our own backend. */
export async function areMessagesSent(database: Kysely<Tables>): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM outbox_targets WHERE target = 'outcomes' AND wanted_until > now()`.execute(database);
  return rows.length > 0;
}
