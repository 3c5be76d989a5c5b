import { earliest, isPast } from '../moments';
import type { ReadPurpose, Subject } from '../subject';
import type { Recurrence } from './savings-plan/recurrence';

/** The one thing a flow does next: end, read, act on a recurrence, or wait (until a moment, or for a notification alone). */
export type NextStep =
  | { readonly kind: 'finish' }
  | { readonly kind: 'handle recurrence'; readonly recurrence: Recurrence }
  /** A moment has come that changes something by itself. */
  | { readonly kind: 'pass time' }
  | { readonly kind: 'read'; readonly purpose: ReadPurpose }
  | { readonly kind: 'wait'; readonly until: string | null };

/** The step of a subject that is read or waits; `moments` end its wait as well as the planned read. */
export function readOrWait({ read, end }: Subject, now: string, moments: readonly (string | null)[] = []): NextStep {
  if (end !== null) return { kind: 'finish' };
  if (read !== null && isPast(read.at, now)) return { kind: 'read', purpose: read.purpose };
  return { kind: 'wait', until: earliest([read?.at ?? null, ...moments]) };
}
