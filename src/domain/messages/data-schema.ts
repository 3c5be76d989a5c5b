import { isOutgoingType, type OutgoingType } from '../outgoing';
import type { MessageExtra, MessageType } from './catalogue';
import { schemaId } from './event';

type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const maybeText: Schema = { type: ['string', 'null'] };
const time: Schema = { type: 'string', format: 'date-time' };
const maybeTime: Schema = { type: ['string', 'null'], format: 'date-time' };
const truth: Schema = { type: 'boolean' };
const amount: Schema = { type: 'string', pattern: '^-?(0|[1-9]\\d*)(\\.\\d*[1-9])?$' };
const maybeAmount: Schema = { type: ['string', 'null'] };
const anything: Schema = { type: 'object' };

function list(items: Schema): Schema {
  return { type: 'array', items };
}

function whole(properties: Readonly<Record<string, Schema>>, optional: Readonly<Record<string, Schema>> = {}): Schema {
  return { type: 'object', properties: { ...properties, ...optional }, required: Object.keys(properties) };
}

const facts: Schema = { type: 'object', additionalProperties: text };
const executions = list(whole({ quantity: maybeAmount, price: maybeAmount, amount: maybeAmount }));
const amounts = list(whole({ what: text, amount: text, unit: maybeText }));
const by: Schema = { type: ['string', 'null'], enum: ['partner', 'read', 'operator', null] };
const address = { workflowId: text, partner: text, object: text, objectId: text };

/** Members that `data` of every message about a subject has. */
const COMMON: Readonly<Record<string, Schema>> = {
  ...address,
  state: { ...maybeText, description: "The partner's own word." },
  previousState: maybeText,
  at: time,
  changedAt: { ...maybeText, description: "The partner's own time of the change, as sent." },
  by: { ...by, description: 'The source that named the state, or that ended it.' },
  ended: { ...truth, description: 'True: nothing more is expected.' },
  waitingFor: list(text),
  reason: { ...maybeText, description: 'Machine-readable word.' },
  facts,
  executions,
  amounts,
  userId: { ...maybeText, description: "The partner's id of its user." },
  reference: { ...maybeText, description: 'Our own reference; it may name a person.' },
  side: maybeText,
  sandbox: { ...maybeText, description: 'The test domain from which it comes; null in production.' },
};

/** Member that a type has beside them. */
const EXTRA: Readonly<Record<MessageExtra, Schema>> = {
  recurrence: whole({
    ...{ transactionId: text, state: text, deadline: maybeText, confirmedAt: maybeText },
    decision: { type: ['string', 'null'], enum: ['asked', 'confirm', 'decline', 'none', null] },
    ...{ amount: maybeAmount, currency: maybeText },
  }),
  finding: whole({ finding: text, state: maybeText, found: maybeText, at: time }),
  overdue: whole({ waitingFor: list(text), dueAt: maybeTime }),
  set: whole({
    ...{ caId: text, userId: text, verdict: text, resolved: truth },
    breaks: list(anything),
    unverified: list(anything),
  }),
  obligation: whole({
    ...{ obligationId: text, amount, instrument: text, transactionId: text, leg: text, userId: text, caId: maybeText },
    state: { type: 'string', enum: ['open', 'held', 'paid', 'cancelled'] },
    ...{ since: time, dueAt: time, paidAt: maybeTime },
  }),
};

/** Details that were added to good ends; each is there where it is known. */
const ADDED: Readonly<Record<string, Schema>> = {
  previousState: text,
  ...{ reason: text, changedAt: text, userId: text, reference: text, side: text, sandbox: text },
  amounts,
};

const end = whole({ ...address, state: text, at: time, by, executions, facts }, ADDED);
const movement = {
  ...{ workflowId: text, partner: text, transactionId: text, leg: text, userId: text, caId: maybeText },
  ...{ instrument: text, amount },
};

/** `data` of the types that have been there from the first. */
const FIRST_TYPES: Readonly<Record<OutgoingType, Schema>> = {
  'order.settled': end,
  'transfer.done': end,
  'plan.confirmed': whole({
    ...{ ...address, transactionId: text, userId: maybeText, amount: maybeAmount, currency: maybeText },
    ...{ deadline: maybeText, confirmedAt: maybeText },
  }),
  'movement.booked': whole({
    ...movement,
    ...{ type: text, isObligation: truth, fee: maybeAmount, creditedAt: time, bookedAt: time, reversal: truth },
  }),
  'obligation.due': whole({ ...movement, obligationId: text, since: time, dueAt: time }),
  'alert.raised': whole({
    ...{ partner: text, finding: text, count: { type: 'integer', minimum: 1 } },
    ...{ windowStart: time, windowEnd: time, examples: list(text) },
  }),
};

/** Schemas that those of many types are made of, by name. */
export const SHARED_SCHEMAS: Readonly<Record<string, Schema>> = {
  subject: whole(COMMON),
  event: whole({
    ...{ specversion: { const: '1.0' }, id: text, source: text, type: text, subject: text },
    ...{ time, timestamp: time, sequence: { type: 'string', pattern: '^[1-9]\\d*$' } },
    ...{ datacontenttype: { const: 'application/json' }, dataschema: text },
    data: { $ref: '#/components/schemas/subject' },
  }),
  ...EXTRA,
};

/** JSON schema of the body that is sent of a type. */
export function bodySchema({ type, extra }: MessageType): Schema {
  if (isOutgoingType(type)) return whole({ type: { const: type }, timestamp: time, data: FIRST_TYPES[type] });
  const own = {
    type: { const: type },
    dataschema: { const: schemaId(type) },
    ...(extra === undefined ? {} : { data: whole({ [extra]: { $ref: `#/components/schemas/${extra}` } }) }),
  };
  return { allOf: [{ $ref: '#/components/schemas/event' }, { type: 'object', properties: own }] };
}
