import { LIFECYCLES } from '../../domain/lifecycle';
import type { Partner } from '../../domain/partner';
import { FINDINGS, OUTCOMES } from '../../domain/subject';
import { ERASED_KINDS } from '../../operator/erase';
import { ARRIVALS } from '../../store/report';
import { FOUND_KINDS } from '../../store/search';
import { BALANCE_TERMS } from '../../store/stats/balance';
import { DELIVERY_STATUSES } from '../../store/schema/tables';
import { ASKED_RESULTS } from './flow-actions';
import type { Schema } from './fields';
import { ledgerSchemas } from './ledger-schemas';
import { OUTBOX_SCHEMAS } from './outbox-schemas';
import {
  count,
  list,
  maybe,
  maybeText,
  maybeTime,
  maybeWord,
  page,
  text,
  time,
  truth,
  whole,
  word,
} from './schema-parts';

const problem = whole({ path: text, expected: text, found: text });

const deliveryOf = (partners: readonly Partner[]) => ({
  id: text,
  partner: word(partners),
  route: text,
  receivedAt: time,
  source: word(['webhook', 'sweep']),
  status: word(DELIVERY_STATUSES),
  outcome: maybeWord(OUTCOMES),
  event: maybeText,
  workflowId: maybeText,
  problem: maybe(problem),
  attempts: count,
});

/** Of very many the first ids. */
const some = whole({ count, ids: list(text) });

const unread = {
  ...list(problem),
  description: 'Fields that decide nothing and could not be read; the body has them.',
};

/** In a listing they are there only where there are some. */
const withUnread = (delivery: ReturnType<typeof whole>): Schema => ({
  ...delivery,
  properties: { ...delivery.properties, unread },
});

const flowOf = (partners: readonly Partner[]) => ({
  workflowId: text,
  lifecycle: word(LIFECYCLES),
  partner: word(partners),
  objectId: text,
  state: maybeText,
  waitingFor: list(text),
  since: maybeTime,
  dueAt: maybeTime,
  overdue: truth,
  finding: maybeWord(FINDINGS),
  open: truth,
  asOf: time,
  url: maybeText,
});

const flowNotification = whole({ deliveryId: text, event: maybeText, outcome: maybeWord(OUTCOMES), at: time });
const madeOnce = whole({ finding: word(FINDINGS), at: time, state: maybeText, found: maybeText });
/** A finding; number and latest time are there once it was made again. */
const finding = { ...madeOnce, properties: { ...madeOnce.properties, count, latestAt: time } };
const end = whole({ state: maybeText, at: time, by: word(['partner', 'read', 'operator']) });

const operatorAction = whole({ at: text, by: text, action: text, reason: maybeText, details: { type: 'object' } });
const auditedAction = whole({
  at: time,
  by: text,
  action: text,
  target: text,
  reason: maybeText,
  details: { type: 'object' },
});
const execution = whole({ quantity: maybeText, price: maybeText, amount: maybeText });
const recurrence = whole({
  transactionId: text,
  state: text,
  deadline: maybeText,
  decision: maybeText,
  confirmedAt: maybeTime,
});
const flowMovement = whole({
  transactionId: text,
  leg: text,
  userId: text,
  instrument: text,
  amount: text,
  fee: maybeText,
  value: maybe(whole({ instrument: text, amount: text })),
  creditedAt: time,
  deliveryId: maybeText,
  recovered: truth,
});
const named = (item: Schema) => whole({ count, items: list(item) });
const reportItem = whole({
  at: time,
  workflowId: maybeText,
  how: word(['read', 'sweep', 'webhook']),
  event: maybeText,
  state: maybeText,
  found: maybeText,
  deliveryId: maybeText,
});
const foundMovement = whole({
  ...flowMovement.properties,
  partner: text,
  workflowId: text,
  caId: maybeText,
  type: text,
  bookedAt: time,
  isReversing: truth,
});
const reading = whole({
  at: time,
  reading: {
    description: 'What the object showed, that it was absent, or that it could not be read.',
    type: 'object',
    properties: { kind: word(['object', 'absent', 'unreachable']), status: text },
    required: ['kind'],
  },
});

const deliverySchemas = (partners: readonly Partner[]): Readonly<Record<string, Schema>> => ({
  DeliveryPage: page(withUnread(whole(deliveryOf(partners)))),
  DeliveryDetail: whole({
    ...deliveryOf(partners),
    unread,
    bodyBase64: { ...maybeText, contentEncoding: 'base64', description: 'Null after its retention.' },
    bodySha256: text,
    headers: { type: 'object', additionalProperties: text },
  }),
  Evidence: whole({
    deliveryId: text,
    partner: word(partners),
    route: text,
    source: word(['webhook', 'sweep']),
    receivedAt: time,
    verifiedAt: time,
    result: word(['verified', 'partly-verified', 'altered']),
    checks: list(
      whole({
        check: word(['seal', 'hash', 'digest', 'signature', 'credential']),
        result: word(['holds', 'fails', 'not-possible']),
        says: text,
      }),
    ),
    verdict: whole({ then: text, now: maybeText }),
    credentialFingerprint: maybeText,
    body: whole({
      state: word(['kept', 'removed', 'altered']),
      bytes: count,
      sha256: text,
      base64: { ...maybeText, contentEncoding: 'base64' },
      erasedAt: maybeTime,
      sealedUnder: maybeText,
    }),
    headers: list(list(text)),
    became: { type: 'object' },
    deeds: list({ type: 'object' }),
  }),
  Erasure: whole({
    dryRun: truth,
    userId: text,
    subjects: count,
    erased: whole(Object.fromEntries(ERASED_KINDS.map((kind) => [kind, count]))),
    left: whole({
      ...{ parked: some, refused: some, openFlows: some },
      ...{ pending: count, messages: count, trades: count },
    }),
  }),
  RetriedDelivery: whole({ id: text, status: word(['pending']) }),
  BookedDelivery: whole({ id: text, status: word(DELIVERY_STATUSES), outcome: maybeWord(OUTCOMES) }),
  RejectionPage: page(
    whole({ at: time, partner: word(partners), route: text, reason: text, bodySha256: text, bodyBytes: count }),
  ),
});

/** JSON schemas of the routes, by name. */
export const schemasOf = (partners: readonly Partner[]): Readonly<Record<string, Schema>> => ({
  Balance: whole({
    ...Object.fromEntries(BALANCE_TERMS.map((name) => [name, count])),
    openWithoutFlow: {
      type: ['integer', 'null'],
      description: 'Open deliveries whose run is over; null while Temporal is away.',
    },
    balanced: truth,
  }),
  FlowPage: page(whole(flowOf(partners))),
  FlowDetail: whole({
    ...flowOf(partners),
    notifications: list(flowNotification),
    findings: list(finding),
    end: maybe(end),
    operatorActions: list(operatorAction),
    executions: list(execution),
    facts: { type: 'object', additionalProperties: text },
    reason: maybeText,
    changedAt: maybeText,
    amounts: list(whole({ what: text, amount: text, unit: maybeText })),
    userId: maybeText,
    reference: { ...maybeText, description: 'Our own reference; null also where its key is not configured.' },
    side: maybeText,
    sandbox: { ...maybeText, description: 'The test domain that it comes from; null in production.' },
    recurrences: list(recurrence),
    movements: list(flowMovement),
    lastReading: maybe(reading),
  }),
  ReadObject: whole({ workflowId: text, askedAt: time, readAt: time, bodyBase64: text }),
  Found: whole({
    subjects: list(whole(flowOf(partners))),
    deliveries: list(withUnread(whole(deliveryOf(partners)))),
    movements: list(foundMovement),
    obligations: list({ $ref: '#/components/schemas/Obligation' }),
    more: { ...list(word(FOUND_KINDS)), description: 'Kinds of which more were found than `limit`.' },
  }),
  Report: whole({
    partner: maybeText,
    from: time,
    to: time,
    asOf: time,
    came: whole(Object.fromEntries(['total', ...ARRIVALS].map((name) => [name, count]))),
    lost: named(reportItem),
    recovered: named(reportItem),
    late: named(reportItem),
    open: named(whole(flowOf(partners))),
    complete: { ...truth, description: 'True when nothing of the window is missing or waits.' },
    slot: word(['hour', 'day']),
    slots: list(whole({ from: time, came: count, lost: count, recovered: count, late: count })),
  }),
  AskedFlowPage: page(
    whole({
      workflowId: text,
      result: word(ASKED_RESULTS),
      detail: maybeText,
    }),
  ),
  DeedPage: page(auditedAction),
  ...deliverySchemas(partners),
  ...ledgerSchemas(partners),
  ...OUTBOX_SCHEMAS,
  Expectation: whole({ workflowId: text }),
  EvidenceFile: { type: 'string', format: 'binary', contentMediaType: 'application/zip' },
  OpenApi: { type: 'object' },
  Problem: {
    ...whole({ type: text, title: text, status: { type: 'integer' }, detail: text }),
    description: 'RFC 9457; a bad value also has field, expected, found.',
  },
});
