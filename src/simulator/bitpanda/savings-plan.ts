import type { ObjectKind, Saying, SimulatedObject } from '../kind';
import { EUR, inventedId, params, SHARE, userIdOf } from './invented';

/** After its announcement, in due times: until when a recurrence can be confirmed, and when the next one is announced. */
const DEADLINE_DUE = 2;
const NEXT_DUE = 3.5;
/** A deadline that is over when it is announced, and not so long that the end is overdue as well. */
const TOO_LATE_DUE = -0.1;

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

/** What became of asking for a confirmation. */
export type Confirmation = 'confirmed' | 'already confirmed' | 'too late' | 'unknown';

/** The savings plans of a partner, who keeps what was confirmed. */
export interface SavingsPlans {
  readonly kinds: readonly ObjectKind[];
  /** The plan that a recurrence belongs to. */
  readonly planOf: (objects: readonly SimulatedObject[], transactionId: string) => SimulatedObject | undefined;
  readonly confirm: (plan: SimulatedObject, transactionId: string) => Confirmation;
}

/** The last recurrence that was announced. */
function transactionIdOf({ id, history }: SimulatedObject): string {
  return inventedId('recurrence', id, history.filter(({ state }) => ANNOUNCED.includes(state)).length);
}

function announcedAtMs({ history }: SimulatedObject): number {
  const last = history.findLast(({ state }) => ANNOUNCED.includes(state));
  return Date.parse(last?.at ?? new Date(0).toISOString());
}

function deadlineMs(plan: SimulatedObject, dueMs: number): number {
  const isTooLate = plan.history.findLast(({ state }) => ANNOUNCED.includes(state))?.state === 'upcoming-too-late';
  return announcedAtMs(plan) + (isTooLate ? TOO_LATE_DUE : DEADLINE_DUE) * dueMs;
}

function upcomingBody(plan: SimulatedObject, saying: Saying, dueMs: number): Readonly<Record<string, unknown>> {
  const isFirstVersion = saying.status === 'upcoming-v1';
  const time = (ms: number): string => new Date(ms).toISOString();
  return params({
    savings_plan_id: plan.id,
    external_transaction_id: transactionIdOf(plan),
    user_id: userIdOf(plan),
    fiat_id: isFirstVersion ? EUR.int : EUR.uuid,
    asset_id: isFirstVersion ? SHARE.int : SHARE.uuid,
    fiat_amount: saying.altered ? '9999.00' : '25.00',
    savings_plan_frequency: 'monthly',
    savings_plan_day: 15,
    savings_plan_next_recurrence: time(announcedAtMs(plan) + NEXT_DUE * dueMs),
    savings_plan_transaction_confirmation_deadline: time(deadlineMs(plan, dueMs)),
    savings_plan_status: 'active',
    savings_plan_created_at: plan.history[0]?.at ?? saying.at,
  });
}

function endBody(plan: SimulatedObject, status: string): Readonly<Record<string, unknown>> {
  const ids = { savings_plan_id: plan.id, external_transaction_id: transactionIdOf(plan), user_id: userIdOf(plan) };
  const told = { ...ids, savings_plan_transaction_status: status };
  if (status !== 'finished') return params({ ...told, error_code: '403', error_message: 'simulated' });
  const trade = inventedId('trade', transactionIdOf(plan));
  return params({ ...told, offer_id: inventedId('offer', trade), trade_id: trade });
}

function cancelBody(plan: SimulatedObject): Readonly<Record<string, unknown>> {
  return params({
    savings_plan_id: plan.id,
    user_id: userIdOf(plan),
    asset_id: SHARE.uuid,
    operation_type: 'delisting',
  });
}

/**
 * Savings plans of a partner whose due time is so long. `upcoming` announces the next recurrence; `outcome` is what
 * becomes of it: finished where it was confirmed in time, else not_confirmed (vendors.md §3.4).
 */
export function createSavingsPlans(dueMs: number): SavingsPlans {
  const confirmed = new Set<string>();
  const statusOf = (plan: SimulatedObject, { status }: Saying): string => {
    if (status !== 'outcome') return status ?? '';
    return confirmed.has(transactionIdOf(plan)) ? 'finished' : 'not_confirmed';
  };
  const webhook = (plan: SimulatedObject, saying: Saying): Readonly<Record<string, unknown>> => {
    const status = statusOf(plan, saying);
    if (ANNOUNCED.includes(status)) return upcomingBody(plan, saying, dueMs);
    return status === 'canceled' ? cancelBody(plan) : endBody(plan, status);
  };
  const kind = (name: string): ObjectKind => ({
    name,
    object: 'savings-plan',
    states: Object.keys(ROUTES),
    route: (saying, plan) => `bitpanda/${ROUTES[statusOf(plan, saying)] ?? FAILED}`,
    idOf: (seed, number) => inventedId('savings plan', seed, number),
    event: (saying, plan) => ROUTES[statusOf(plan, saying)] ?? FAILED,
    webhook,
    read: {
      path: '/v2/savings-plan',
      answer: ({ id }, state) => ({ data: [{ id, status: state === 'canceled' ? 'canceled' : 'active' }] }),
    },
  });
  return {
    // Our own backend wants all of them but these.
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

/** The kind of plan whose recurrences our own backend declines. */
export const UNWANTED = 'savings-plan-unwanted';
