import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';
import { bitpandaKind } from './bitpanda-kind';
import { EUR, inventedId, SHARE, userIdOf } from './invented';

/** Result of asking for a confirmation. */
export type Confirmation = 'confirmed' | 'already confirmed' | 'too late' | 'unknown';

/** Savings plans of a partner, with their confirmations. */
export interface SavingsPlans {
  readonly kinds: readonly ObjectKind[];
  /** Plan that a recurrence belongs to. */
  readonly planOf: (objects: readonly SimulatedObject[], transactionId: string) => SimulatedObject | undefined;
  readonly confirm: (plan: SimulatedObject, transactionId: string) => Confirmation;
}

const ANNOUNCED = ['upcoming', 'upcoming-v1', 'upcoming-too-late'];
const FAILED = 'savings-plan-failed-trade';
const ROUTES: Readonly<Record<string, string>> = {
  upcoming: 'savings-plan-upcoming-trade-v2',
  'upcoming-v1': 'savings-plan-upcoming-trade',
  'upcoming-too-late': 'savings-plan-upcoming-trade-v2',
  outcome: 'savings-plan-successful-trade',
  finished: 'savings-plan-successful-trade',
  not_confirmed: FAILED,
  canceled: 'savings-plan-auto-cancel',
};

/**
 * Savings plans of a partner with the given due time, milliseconds. `upcoming` announces the next recurrence;
 * `outcome` is its end: finished where it was confirmed in time, else not_confirmed (vendors.md §3.4).
 */
export function createSavingsPlans(dueMs: number): SavingsPlans {
  const confirmed = new Set<string>();
  const statusOf = (plan: SimulatedObject, { status }: WebhookContent): string => {
    if (status !== 'outcome') return status ?? '';
    return confirmed.has(transactionIdOf(plan)) ? 'finished' : 'not_confirmed';
  };
  const kind = (name: string): ObjectKind =>
    bitpandaKind({
      name,
      object: 'savings-plan',
      states: Object.keys(ROUTES),
      idOf: (seed, number) => inventedId('savings plan', seed, number),
      event: (content, plan) => ROUTES[statusOf(plan, content)] ?? FAILED,
      body: (plan, content) => {
        const status = statusOf(plan, content);
        if (ANNOUNCED.includes(status)) return upcomingBody(plan, content, dueMs);
        return status === 'canceled' ? cancelBody(plan) : endBody(plan, status);
      },
      read: {
        path: '/v2/savings-plan',
        answer: ({ id }, state) => ({ data: [{ id, status: state === 'canceled' ? 'canceled' : 'active' }] }),
      },
    });
  return {
    // Our own backend confirms all but the second kind.
    kinds: [kind('savings-plan'), kind(UNWANTED)],
    planOf: (objects, transactionId) =>
      objects.find((one) => one.history.length > 0 && transactionIdOf(one) === transactionId),
    confirm: (plan, transactionId) => {
      if (confirmed.has(transactionId)) return 'already confirmed';
      if (Date.now() > deadlineMs(plan, dueMs)) return 'too late';
      confirmed.add(transactionId);
      return 'confirmed';
    },
  };
}

/** Id of the last recurrence that was announced. */
function transactionIdOf({ id, history }: SimulatedObject): string {
  return inventedId('recurrence', id, history.filter(({ state }) => ANNOUNCED.includes(state)).length);
}

const NEXT_DUE = 3.5;

function upcomingBody(plan: SimulatedObject, content: WebhookContent, dueMs: number): Json {
  const isFirstVersion = content.status === 'upcoming-v1';
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    savings_plan_id: plan.id,
    external_transaction_id: transactionIdOf(plan),
    user_id: userIdOf(plan),
    fiat_id: isFirstVersion ? EUR.int : EUR.uuid,
    asset_id: isFirstVersion ? SHARE.int : SHARE.uuid,
    fiat_amount: content.altered ? '9999.00' : '25.00',
    savings_plan_frequency: 'monthly',
    savings_plan_day: 15,
    savings_plan_next_recurrence: time(announcedAtMs(plan) + NEXT_DUE * dueMs),
    savings_plan_transaction_confirmation_deadline: time(deadlineMs(plan, dueMs)),
    savings_plan_status: 'active',
    savings_plan_created_at: plan.history[0]?.at ?? content.at,
  };
}

function announcedAtMs({ history }: SimulatedObject): number {
  const last = history.findLast(({ state }) => ANNOUNCED.includes(state));
  return Date.parse(last?.at ?? new Date(0).toISOString());
}

/**
 * Time after its announcement, in due times, until which a recurrence can be confirmed, and after which the next one
 * is announced.
 */
const DEADLINE_DUE = 2;

/** Deadline that is over when it is announced, and not so long ago that the end is overdue as well. */
const TOO_LATE_DUE = -0.1;

function deadlineMs(plan: SimulatedObject, dueMs: number): number {
  const isTooLate = plan.history.findLast(({ state }) => ANNOUNCED.includes(state))?.state === 'upcoming-too-late';
  return announcedAtMs(plan) + (isTooLate ? TOO_LATE_DUE : DEADLINE_DUE) * dueMs;
}

function cancelBody(plan: SimulatedObject): Json {
  return {
    savings_plan_id: plan.id,
    user_id: userIdOf(plan),
    asset_id: SHARE.uuid,
    operation_type: 'delisting',
  };
}

function endBody(plan: SimulatedObject, status: string): Json {
  const ids = { savings_plan_id: plan.id, external_transaction_id: transactionIdOf(plan), user_id: userIdOf(plan) };
  const common = { ...ids, savings_plan_transaction_status: status };
  if (status !== 'finished') return { ...common, error_code: '403', error_message: 'simulated' };
  const trade = inventedId('trade', transactionIdOf(plan));
  return { ...common, offer_id: inventedId('offer', trade), trade_id: trade };
}

/** Kind of plan whose recurrences our own backend declines. */
export const UNWANTED = 'savings-plan-unwanted';
