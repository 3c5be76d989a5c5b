import type { Generated, GeneratedAlways } from 'kysely';

import type { OutboxState, OutgoingTarget, OutgoingType } from '../../domain/outgoing';

/** Messages for the operator's own system. Sent ones are removed after a while, dead ones stay. */
export interface OutboxTable {
  readonly position: GeneratedAlways<string>;
  /** The `webhook-id`: the same whenever the same thing is told. */
  id: string;
  target: OutgoingTarget;
  /** Messages of one subject are sent in the order of their positions. */
  subject: string;
  type: OutgoingType;
  /** The JSON text that is signed and sent, the same at each try. */
  body: string;
  state: Generated<OutboxState>;
  attempts: Generated<number>;
  created_at: Generated<Date>;
  next_attempt_at: Generated<Date>;
  lease_token: string | null;
  lease_until: Date | null;
  /** When it was taken, or given up. */
  ended_at: Date | null;
  /** Why the last try failed: a status or the name of an error, never a text of the receiver's. */
  last_failure: string | null;
}

/** Until when messages of a target are wanted. */
export interface OutboxTargetsTable {
  target: OutgoingTarget;
  wanted_until: Date;
}

/** The tables of what is told to the operator's own system. */
export interface OutboxTables {
  outbox: OutboxTable;
  outbox_targets: OutboxTargetsTable;
}
