import type { Kysely } from 'kysely';

import type { OutgoingMessage } from '../../src/domain/outgoing';
import { queueMessages } from '../../src/store/messages/queue';
import { wantMessages } from '../../src/store/outbox/enqueue';
import type { Tables } from '../../src/store/schema/tables';
import { numberAll } from '../support/number-messages';

const DAY_MS = 86_400_000;

/** There is somewhere to send outcomes, as a receiver says at its start. */
export async function wantOutcomes(database: Kysely<Tables>): Promise<void> {
  await wantMessages(database, 'outcomes', DAY_MS);
}

/** The n-th message of a subject. */
export function message(subject: string, n: number): OutgoingMessage {
  const at = '2026-03-02T09:00:00.000Z';
  return { type: 'movement.booked', subject, key: `m:${String(n)}`, at, data: { workflowId: subject, n } };
}

/** Messages as they would be written with what they tell, and numbered. */
export async function enqueue(database: Kysely<Tables>, subject: string, ...numbers: readonly number[]): Promise<void> {
  // Of messages that a test before has told and removed.
  await database.deleteFrom('messages').execute();
  await queueMessages(
    database,
    numbers.map((n) => message(subject, n)),
  );
  await numberAll(database);
}

export interface ShownRow {
  readonly subject: string;
  readonly n: unknown;
  readonly state: string;
  readonly attempts: number;
  readonly failure: string | null;
}

/** What the outbox holds, oldest first. */
export async function shownRows(database: Kysely<Tables>): Promise<readonly ShownRow[]> {
  const rows = await database.selectFrom('outbox').selectAll().orderBy('position').execute();
  return rows.map(({ subject, body, state, attempts, last_failure: failure }) => {
    const { data }: { data: { n: unknown } } = JSON.parse(body);
    return { subject, n: data.n, state, attempts, failure };
  });
}
