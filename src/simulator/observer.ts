import type { Partner } from '../domain/partner';
import type { SubjectKey } from '../domain/subject-key';
import type { FindingKind } from '../domain/subject';

/**
 * Observer of our system from outside: with it a script continues when the flows are ready instead of after a time
 * that a slow machine exceeds. A demonstration or a test provides it; without one a script waits only where a step
 * waits.
 */
export interface Observer {
  /** Promise that resolves once the delivery has an outcome, or a status that is final (duplicate, parked). */
  readonly taken: (deliveryId: string) => Promise<void>;
  /**
   * Promise that resolves once the flow rests: nothing is being read, written or folded, it waits for a notification
   * or for a time.
   */
  readonly atRest: (workflowId: string) => Promise<void>;
  /** Sweep of the partner; resolves once a lost webhook is kept for the flow. */
  readonly swept: (partner: Partner, workflowId: string) => Promise<void>;
  /** Registration of the object as expected, as our own backend would do it. */
  readonly expect: (key: SubjectKey) => Promise<void>;
  /** Refusal of all signals to the flow with a gRPC code from now on; null: they are taken again. */
  readonly refuseSignals: (workflowId: string, code: number | null) => void;
  /** Return of a parked delivery to dispatch; resolves once it has an outcome. */
  readonly retry: (deliveryId: string) => Promise<void>;
  /** Promise that resolves once the flow waits for the word. */
  readonly owes: (workflowId: string, word: string) => Promise<void>;
  /** Promise that resolves once the flow shows the finding. */
  readonly found: (workflowId: string, finding: FindingKind) => Promise<void>;
}
