import type { ReconcileFinding } from '../domain/reconcile';

/** A flow that was found, and its repair. */
export interface ReconciledFlow {
  readonly workflowId: string;
  readonly finding: ReconcileFinding;
  /** The run that ended outside, else the newest; null where Temporal knows none. */
  readonly runId: string | null;
  /** Deliveries that waited for an outcome: given to dispatch again, given up because their body is gone, or known to their flow. */
  readonly deliveries: { readonly again: number; readonly abandoned: number; readonly repeated: number };
  /** Deliveries the row counts and the run it was set back to has not folded; their outcomes stand in the row. */
  readonly unfolded: number;
  /** Deliveries the flow has folded that the database does not know: they were acknowledged, and are gone. */
  readonly unknown: number;
  /** The repair: started again, its row compared with its own state, its deliveries alone, or none. */
  readonly mending: 'start' | 'rewrite' | 'deliveries' | 'nothing';
  /** Null in a dry run. */
  readonly mended: boolean | null;
  /** The reason why the repair failed; null where it did not, or in a dry run. */
  readonly failure: string | null;
}
