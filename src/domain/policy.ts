import { later } from './moments';

/**
 * The waiting rules of one kind of subject, in numbers. It is *input* of a flow, so that changing a default
 * never changes what an already recorded history says.
 */
export interface Policy {
  /** By state; what is owed after it is due then. */
  readonly dueByState: Readonly<Record<string, Due>>;
  /** For a subject of which nothing has come yet. */
  readonly firstDue: Due;
  readonly ladder: readonly LadderStep[];
  /** Between reads after the last step of the ladder, while an operator is asked. */
  readonly thenEveryMs: number;
  /** Before each repetition of a read that lags behind the webhook it should confirm. */
  readonly agreementWaitsMs: readonly number[];
  /** Days that are no business days, `YYYY-MM-DD`. */
  readonly holidays: readonly string[];
  /** Multiplies business days, which cannot be scaled before their calendar is known. */
  readonly scale: number;
  /** Temporal orders the partners' task queues by priority; absent where it does not. */
  readonly usesPriority?: true;
}

/** The time something may take: a span of time, or whole business days (weekends and holidays left out, in UTC). */
export type Due = { readonly ms: number } | { readonly businessDays: number };

/** A step of the ladder that an overdue subject goes up: after its read, an alert or none, then a wait. */
export interface LadderStep {
  readonly alert: boolean;
  readonly waitMs: number;
}

/** The moment when something that began at `from` is due, ISO 8601 UTC. */
export function dueAfter(policy: Policy, due: Due, from: string): string {
  const fromMs = Date.parse(from);
  const spanMs =
    'ms' in due ? due.ms : (addBusinessDays(fromMs, due.businessDays, policy.holidays) - fromMs) * policy.scale;
  return later(from, Math.max(1, Math.round(spanMs)));
}

/** The moment the given number of business days after `fromMs`, same time of day, in UTC. */
export function addBusinessDays(fromMs: number, businessDays: number, holidays: readonly string[]): number {
  let timeMs = fromMs;
  for (let remaining = businessDays; remaining > 0;) {
    timeMs += DAY_MS;
    if (isBusinessDay(timeMs, holidays)) remaining -= 1;
  }
  return timeMs;
}

const DAY_MS = 86_400_000;

function isBusinessDay(timeMs: number, holidays: readonly string[]): boolean {
  const day = new Date(timeMs);
  const weekday = day.getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.includes(day.toISOString().slice(0, 10));
}
