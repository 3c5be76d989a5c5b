import type { Generated, GeneratedAlways } from 'kysely';

import type { OutboxLane, OutboxState, OutgoingTarget } from '../../domain/outgoing';

/** Rows of `outbox`: messages for the operator's own system. Sent ones are removed after a while, dead ones stay. */
export interface OutboxTable {
  readonly position: GeneratedAlways<string>;
  /** `webhook-id`: the same whenever the same message is sent. */
  id: string;
  target: OutboxLane;
  /** Subject of the message: messages of one subject are sent in the order of their positions. */
  subject: string;
  type: string;
  /** JSON text that is signed and sent, the same at each attempt; that of a message is encrypted where bodies are. */
  body: string;
  state: Generated<OutboxState>;
  attempts: Generated<number>;
  created_at: Generated<Date>;
  next_attempt_at: Generated<Date>;
  lease_token: string | null;
  lease_until: Date | null;
  /** Time at which the receiver took the message, or sending was given up. */
  ended_at: Date | null;
  /** Cause of the last failed attempt: a status or the name of an error, never a text of the receiver's. */
  last_failure: string | null;
}

/** Rows of `outbox_targets`: time until which messages of a target are wanted. */
export interface OutboxTargetsTable {
  target: OutgoingTarget;
  wanted_until: Date;
  /** Patterns of the types that are wanted; null where 0.2.0 wants them: those that it knows. */
  types: string[] | null;
}

/** Tables of the messages to the operator's own system. */
export interface OutboxTables {
  outbox: OutboxTable;
  outbox_targets: OutboxTargetsTable;
}
