import type { Claim, DeliveryDecision } from '../store/deliveries/claims';

/** An observer of dispatch, for metrics, traces and logs. It decides nothing, and must not throw. */
export interface DispatchWatch {
  /** These are dispatched now; those before them are done. */
  claimed(claims: readonly Claim[]): void;
  /** These decisions are recorded. */
  recorded(decisions: readonly DeliveryDecision[]): void;
  /** These will be tried again: Temporal refused them, or is away. */
  returned(claims: readonly Claim[], reason: 'refused' | 'away'): void;
}
