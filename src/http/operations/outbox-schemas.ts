import { OUTBOX_STATES, OUTGOING_TARGETS } from '../../domain/outgoing';
import type { Schema } from './fields';
import { count, list, maybeText, maybeTime, page, text, time, whole, word } from './schema-parts';

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
  MessagesPage: whole({
    items: list(
      whole({
        ...{ specversion: word(['1.0']), id: text, source: text, type: text, subject: text, time, timestamp: time },
        ...{ sequence: text, datacontenttype: text, dataschema: text },
        data: { type: ['object', 'null'], description: 'Null where it was erased.' },
      }),
    ),
    next: { ...maybeText, description: 'Null where nothing more is there now.' },
    cursor: { ...text, description: 'Give it as `after`, now or later, for what comes behind it.' },
  }),
  ReplayedMessages: whole({
    ...{ from: time, to: time, type: text, dryRun: { type: 'boolean' }, messages: count },
    types: { type: 'object', additionalProperties: count },
  }),
  RetriedMessage: whole({ id: text, state: word(['waiting']) }),
};
