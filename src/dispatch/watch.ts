import type { Problem } from '../domain/problem';
import type { Claim } from '../store/deliveries/due';
import type { DeliveryDecision } from '../store/deliveries/claims';

/** A claim that goes back; `problem` where the failure is its own. */
export interface WatchedReturn {
  readonly claim: Claim;
  readonly problem: Problem | null;
}

/** An observer of dispatch, for metrics, traces and logs. It decides nothing, and must not throw. */
export interface DispatchWatch {
  /** These are dispatched from now on. */
  claimed(claims: readonly Claim[]): void;
  /** These decisions are recorded; those that were understood are also the ones whose flow was faster with its outcome. */
  recorded(decisions: readonly DeliveryDecision[], understood: readonly DeliveryDecision[]): void;
  /** These will be tried again: the try failed for each of them alone, or Temporal is away. */
  returned(returned: readonly WatchedReturn[], reason: 'refused' | 'away'): void;
  /** These are no longer dispatched, whatever became of them. */
  ended(claims: readonly Claim[]): void;
}
