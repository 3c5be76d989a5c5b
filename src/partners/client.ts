import type { PartnerReader } from './reading';
import type { PartnerSweep } from './sweep';

/** Confirms a recurrence at its partner: `not confirmed` where the partner refused. Throws `ReadFailure`. */
export type ConfirmRecurrence = (
  transactionId: string,
  userId: string | null,
) => Promise<'confirmed' | 'not confirmed'>;

/** A partner's API as far as it is used: reading its objects and, where it has them, its list of events and its confirmations. */
export interface PartnerClient extends PartnerReader {
  readonly sweep?: PartnerSweep;
  readonly confirmRecurrence?: ConfirmRecurrence;
}
