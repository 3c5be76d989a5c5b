import * as t from 'io-ts';

import { Instant } from '../../../codecs/partner-times';
import { ExactDecimal, knownWord, MachineWord, ObjectId } from '../../../codecs/primitives';
import { sealed, side } from '../../../codecs/side-fields';
import { bitpandaSavingsPlan } from '../lifecycles/savings-plan';
import { unitOf } from '../../details';
import { definePlanEvent, type PartnerEvent } from '../../event';
import { AssetId, params, userHint, Word } from '../body';

const FREQUENCIES = ['weekly', 'biweekly', 'monthly'];

const OF_PLAN = { unkeptBecause: 'whoever created the plan knows it' };

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
      fiat_id: side(AssetId),
      savings_plan_next_recurrence: side(Instant),
      savings_plan_frequency: side(
        knownWord(
          FREQUENCIES,
          `one of ${FREQUENCIES.join(', ')}; a new one is added to src/partners/bitpanda/events/savings-plans.ts`,
        ),
      ),
      asset_id: side(AssetId),
      savings_plan_day: side(ExactDecimal),
      savings_plan_status: side(MachineWord, OF_PLAN),
      savings_plan_created_at: side(Instant, OF_PLAN),
    }),
  ]),
);

/** A recurrence is coming up and has to be confirmed before its deadline. Versions differ in the ids' style alone. */
function upcomingEvent(event: string, isDeprecated = false): PartnerEvent {
  return definePlanEvent({
    table: bitpandaSavingsPlan,
    ...{ event, isDeprecated },
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
      ...dayOf(body),
    }),
    readHints: userHint,
    details: ({ params: body }) => ({
      userId: body.user_id,
      amounts: [['gross', body.fiat_amount, unitOf('fiat', body.fiat_id)]],
      facts: {
        transactionId: body.external_transaction_id,
        deadline: body.savings_plan_transaction_confirmation_deadline,
        nextRecurrence: body.savings_plan_next_recurrence,
        frequency: body.savings_plan_frequency,
        asset: body.asset_id,
      },
    }),
    duplicateKey: ({ params: body }) => ({
      key: `upcoming:${body.external_transaction_id}`,
      says: [body.savings_plan_id, body.user_id, body.fiat_amount, body.savings_plan_transaction_confirmation_deadline],
    }),
  });
}

interface Plan {
  readonly savings_plan_day?: string | null | undefined;
  readonly savings_plan_frequency?: string | null | undefined;
}

/** The day of the month; in other periods it is one of the week, which the next recurrence says too. */
function dayOf({ savings_plan_day: day, savings_plan_frequency: frequency }: Plan): { readonly day?: number } {
  const isDay = day !== null && day !== undefined && /^([1-9]|[12]\d|3[01])$/.test(day);
  return isDay && frequency === 'monthly' ? { day: Number(day) } : {};
}

/** `finished` and `not_confirmed` are documented, `failed` is assumed (vendors.md §3.3). */
const FINISHED = 'finished';
const ENDS = [FINISHED, 'not_confirmed', 'failed'];

const RecurrenceStatus = knownWord(
  ENDS,
  `one of ${ENDS.join(', ')}; a new one is added to src/partners/bitpanda/events/savings-plans.ts with a fixture`,
);

const finalWith = (status: t.Type<string, string>) =>
  params(
    t.intersection([
      t.type({
        savings_plan_id: ObjectId,
        external_transaction_id: ObjectId,
        savings_plan_transaction_status: status,
      }),
      t.partial({
        user_id: side(ObjectId),
        error_code: side(MachineWord),
        error_message: sealed('it may say anything'),
        offer_id: side(ObjectId),
        trade_id: side(ObjectId),
      }),
    ]),
  );

/** A recurrence ended, well or not; the error's message may say anything and is left in the delivery. */
function recurrenceEndEvent(event: string, status: typeof Word, isOfRoute: (status: string) => boolean): PartnerEvent {
  return definePlanEvent({
    table: bitpandaSavingsPlan,
    event,
    body: finalWith(status),
    id: (body) => body.params.savings_plan_id,
    news: ({ params: body }) => ({
      kind: 'final',
      transactionId: body.external_transaction_id,
      status: body.savings_plan_transaction_status,
      reason: body.error_code ?? null,
      ...(isOfRoute(body.savings_plan_transaction_status) ? {} : { contradictsRoute: true as const }),
    }),
    readHints: userHint,
    details: ({ params: body }) => ({
      userId: body.user_id,
      facts: { transactionId: body.external_transaction_id, offerId: body.offer_id, tradeId: body.trade_id },
    }),
    duplicateKey: ({ params: body }) => ({
      key: `recurrence:${body.external_transaction_id}:${body.savings_plan_transaction_status}`,
      // The same word by both routes is no repetition.
      says: [body.savings_plan_id, ...(isOfRoute(body.savings_plan_transaction_status) ? [] : [event])],
    }),
  });
}

const AutoCancel = params(
  t.intersection([
    t.type({ savings_plan_id: ObjectId }),
    t.partial({ user_id: side(ObjectId), operation_type: side(MachineWord), asset_id: side(AssetId) }),
  ]),
);

/** The plan is over, because of what happens to its asset; only `delisting` is spelled by the partner's pages. */
function autoCancelEvent(event: string): PartnerEvent {
  return definePlanEvent({
    table: bitpandaSavingsPlan,
    event,
    body: AutoCancel,
    id: (body) => body.params.savings_plan_id,
    news: ({ params: body }) => ({ kind: 'auto-cancel', reason: body.operation_type ?? null }),
    readHints: userHint,
    details: ({ params: body }) => ({ userId: body.user_id, facts: { asset: body.asset_id } }),
    duplicateKey: ({ params: body }) => ({ key: `auto-cancel:${body.savings_plan_id}`, says: [] }),
  });
}

/** Events of savings plans; the first spelling of *upcoming* is deprecated. A new one is one entry here. */
export const savingsPlanEvents: readonly PartnerEvent[] = [
  autoCancelEvent('savings-plan-auto-cancel'),
  // Not executed, for instance because nobody confirmed it; a word that nobody knows is a failure as well.
  recurrenceEndEvent('savings-plan-failed-trade', Word, (status) => status !== FINISHED),
  recurrenceEndEvent('savings-plan-successful-trade', RecurrenceStatus, (status) => status === FINISHED),
  // To be confirmed.
  upcomingEvent('savings-plan-upcoming-trade', true),
  upcomingEvent('savings-plan-upcoming-trade-v2'),
];
