import { OUTBOX_STATES, OUTGOING_TARGETS } from '../../domain/outgoing';
import type { Schema } from './fields';
import { count, maybeText, maybeTime, page, text, time, whole, word } from './schema-parts';

const body = { ...whole({ type: text, timestamp: time, data: { type: 'object' } }), type: ['object', 'null'] };

/** JSON schemas of the outbox's routes, by name. */
export const OUTBOX_SCHEMAS: Readonly<Record<string, Schema>> = {
  OutboxPage: page(
    whole({
      id: text,
      target: word(OUTGOING_TARGETS),
      subject: text,
      type: text,
      state: word(OUTBOX_STATES),
      attempts: count,
      createdAt: time,
      nextAttemptAt: maybeTime,
      sentAt: maybeTime,
      deadAt: maybeTime,
      lastFailure: maybeText,
      body,
    }),
  ),
  RetriedMessage: whole({ id: text, state: word(['waiting']) }),
};
