import type { SubjectDetails } from '../domain/details';
import type { CallToAct, LateNews, Notification } from '../domain/notification';
import type { Problem } from '../domain/problem';
import type { Subject } from '../domain/subject';
import type { BookEntry } from '../ledger/decided';
import type { Claim } from '../store/deliveries/due';
import type { FlowAddress } from '../temporal/flow-client';

/** A notification together with the flow that it is sent to. */
export interface FlowSignal {
  readonly address: FlowAddress;
  readonly notification: Notification;
}

/** The reason why a delivery goes back to those that wait, to be dispatched later. */
export type ReturnCause =
  /** The failure belongs to this delivery alone: it is counted. */
  | { readonly reason: 'failed'; readonly problem: Problem }
  | { readonly reason: 'away'; readonly failure: string }
  /** An earlier one of its subject goes back. */
  | { readonly reason: 'behind' }
  /** This process stops. */
  | { readonly reason: 'unsent' };

/** The decision of dispatch about one delivery: what `record.ts` writes of it, and the signal that is sent before. */
export type Decision = {
  readonly claim: Claim;
  readonly event: string | null;
  readonly signal: FlowSignal | null;
  /** Details that it gives of its subject; absent where it was not decoded. */
  readonly details?: SubjectDetails;
  /** Side fields that could not be read; absent where all were. */
  readonly unread?: readonly Problem[] | undefined;
} & (
  | { readonly kind: 'returned'; readonly cause: ReturnCause }
  | { readonly kind: 'parked'; readonly workflowId: string | null; readonly problem: Problem }
  | { readonly kind: 'duplicate'; readonly workflowId: string }
  /** Its subject is closed for good. */
  | { readonly kind: 'late'; readonly address: FlowAddress; readonly news: LateNews }
  /** Nothing is owed after it. One that contradicts an earlier one is illegal, and its subject stays as it is. */
  | {
      readonly kind: 'recorded';
      readonly subject: Subject;
      readonly callToAct: CallToAct | null;
      readonly isIllegal: boolean;
    }
  /** It moves holdings: the ledger decides on its outcome. Its flow, if it has one, is signalled first. */
  | { readonly kind: 'booked'; readonly entry: BookEntry }
  | { readonly kind: 'signalled'; readonly signal: FlowSignal }
);
