import * as t from 'io-ts';

import { ExactDecimal, knownWord, machineWord, ObjectId, optional } from '../../codecs/primitives';
import { bitpandaSavingsPlan } from './lifecycles/savings-plan';
import { definePlanEvent, type PartnerEvent } from '../event';
import { AssetId, Instant, params } from './body';

const FREQUENCIES = ['weekly', 'biweekly', 'monthly'];

const Upcoming = params(
  t.intersection([
    t.type({
      savings_plan_id: ObjectId,
      external_transaction_id: ObjectId,
      user_id: ObjectId,
      fiat_amount: ExactDecimal,
      savings_plan_transaction_confirmation_deadline: Instant,
    }),
    t.partial({
      fiat_id: optional(AssetId),
      savings_plan_next_recurrence: optional(Instant),
      savings_plan_frequency: optional(
        knownWord(
          FREQUENCIES,
          `one of ${FREQUENCIES.join(', ')}; a new one is added to src/partners/bitpanda/savings-plan.ts`,
        ),
      ),
    }),
  ]),
);

/** A recurrence is coming up and has to be confirmed before its deadline. Versions differ in the ids' style alone. */
export function upcomingEvent(route: string): PartnerEvent {
  return definePlanEvent({
    table: bitpandaSavingsPlan,
    event: route,
    route,
    body: Upcoming,
    id: (body) => body.params.savings_plan_id,
    news: ({ params: body }) => ({
      kind: 'upcoming',
      transactionId: body.external_transaction_id,
      userId: body.user_id,
      amount: body.fiat_amount,
      currency: body.fiat_id ?? '',
      deadline: body.savings_plan_transaction_confirmation_deadline,
      nextRecurrence: body.savings_plan_next_recurrence ?? null,
      frequency: body.savings_plan_frequency ?? null,
    }),
    readHints: (body) => ({ userId: body.params.user_id }),
    duplicateKey: ({ params: body }) => ({
      key: `upcoming:${body.external_transaction_id}`,
      says: [body.savings_plan_id, body.user_id, body.fiat_amount, body.savings_plan_transaction_confirmation_deadline],
    }),
  });
}

/** `finished` and `not_confirmed` are documented, `failed` is assumed (vendors.md §3.3). */
const ENDS = ['finished', 'not_confirmed', 'failed'];

const RecurrenceStatus = knownWord(
  ENDS,
  `one of ${ENDS.join(', ')}; a new one is added to src/partners/bitpanda/savings-plan.ts with a fixture`,
);

const Final = params(
  t.intersection([
    t.type({
      savings_plan_id: ObjectId,
      external_transaction_id: ObjectId,
      savings_plan_transaction_status: RecurrenceStatus,
    }),
    t.partial({ user_id: optional(ObjectId), error_code: t.unknown }),
  ]),
);

/** A recurrence ended, well or not; the error's message may say anything and is left in the delivery. */
export function recurrenceEndEvent(route: string): PartnerEvent {
  return definePlanEvent({
    table: bitpandaSavingsPlan,
    event: route,
    route,
    body: Final,
    id: (body) => body.params.savings_plan_id,
    news: ({ params: body }) => ({
      kind: 'final',
      transactionId: body.external_transaction_id,
      status: body.savings_plan_transaction_status,
      reason: machineWord(body.error_code),
    }),
    readHints: ({ params: { user_id: userId } }) => (userId ? { userId } : {}),
    duplicateKey: ({ params: body }) => ({
      key: `recurrence:${body.external_transaction_id}:${body.savings_plan_transaction_status}`,
      says: [body.savings_plan_id],
    }),
  });
}
