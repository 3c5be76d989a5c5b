import type { Claim, DeliveryDecision } from '../store/deliveries/claims';

/** Who is told what dispatch does; decides nothing, and must not throw. */
export interface DispatchWatch {
  /** These are looked at now; those before them are done with. */
  claimed(claims: readonly Claim[]): void;
  /** These decisions are written. */
  settled(settlements: readonly DeliveryDecision[]): void;
  /** These will be tried again: Temporal refused them, or is away. */
  givenBack(claims: readonly Claim[], reason: 'refused' | 'away'): void;
}
