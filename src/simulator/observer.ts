import type { Partner } from '../domain/partner';
import type { SubjectKey } from '../domain/subject-key';
import type { FindingKind } from '../domain/subject';

/**
 * Sees from outside what became of webhooks, so that a script goes on when the flows are ready instead of after a time
 * that a slow machine exceeds. Given by a demonstration or a test; without one a script waits only where it says so.
 */
export interface Observer {
  /** Resolves once the delivery has an outcome, or a status that is final (duplicate, parked). */
  readonly taken: (deliveryId: string) => Promise<void>;
  /** Resolves once the flow rests: nothing is being read, written or folded, it waits for news or for a time. */
  readonly atRest: (workflowId: string) => Promise<void>;
  /** Has the partner asked what he has sent; resolves once something that was lost is kept for the flow. */
  readonly swept: (partner: Partner, workflowId: string) => Promise<void>;
  /** Registers the object as expected, as our own backend would. */
  readonly expect: (key: SubjectKey) => Promise<void>;
  /** Resolves once the flow waits for the word. */
  readonly owes: (workflowId: string, word: string) => Promise<void>;
  /** Resolves once the flow shows the finding. */
  readonly found: (workflowId: string, finding: FindingKind) => Promise<void>;
}
