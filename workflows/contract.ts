import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

import type { JudgeResult } from '../src/domain/lifecycles/corporate-actions/fold-set';
import type { PartnerAsked } from '../src/domain/lifecycles/corporate-actions/set-news';
import type { Lifecycle } from '../src/domain/lifecycle';
import type { Notification } from '../src/domain/notification';
import type { Partner } from '../src/domain/partner';
import type { SubjectKey } from '../src/domain/subject-key';
import type { Policy } from '../src/domain/policy';
import type { ConfirmationAnswer, DecisionAnswer } from '../src/domain/lifecycles/savings-plan/answers';
import type { Recurrence } from '../src/domain/lifecycles/savings-plan/recurrence';
import type { ReadResult } from '../src/domain/reading';
import type { End, Finding, FindingKind, ReadPurpose } from '../src/domain/subject';
import type { FlowAction, StoredSubject, SubjectWrite, WriteResult } from '../src/domain/subject-write';

/** The names and messages that cross the border between clients, workflows and activities; nobody imports more of the other side. */

/** Reads of a partner run on their own task queue, so that one hanging partner starves nobody. */
export function readTaskQueue(taskQueue: string, partner: Partner): string {
  return `${taskQueue}-${partner}`;
}

/** Workflow types are the lifecycles that wait for something. */
export type WorkflowType = Exclude<Lifecycle, 'recorded'>;

/** Input that a flow starts from. */
export interface FlowInput {
  readonly key: SubjectKey;
  readonly policy: Policy;
  /** The stored subject, where there is one. */
  readonly stored: StoredSubject | null;
  /** Our own backend created the object and expects its first notification by then; null when a notification starts the flow. */
  readonly expectedBy: string | null;
  /** Deliveries folded before continuing as new. */
  readonly foldedDeliveries: readonly string[];
  /** Actions of operators before it continued as new; absent where there were none. */
  readonly deeds?: readonly FlowAction[];
}

/** The answer of the query `status`, and what the UI shows. */
export interface FlowStatus {
  readonly state: string | null;
  readonly waitingFor: readonly string[];
  readonly since: string;
  readonly dueAt: string | null;
  readonly overdue: boolean;
  readonly finding: FindingKind | null;
  readonly findings: readonly Finding[];
  readonly facts?: Readonly<Record<string, string>>;
  readonly recurrences?: readonly Recurrence[];
  readonly end: End | null;
  /** Actions of operators on this run, oldest first; absent where there were none. */
  readonly deeds?: readonly FlowAction[];
  readonly foldedDeliveries: number;
  readonly unwrittenOutcomes: number;
}

/** Flow's own knowledge of its row and its deliveries; `reconcile` compares it with the store. */
export interface FlowKnowledge {
  /** The version of the row as the flow knows it; 0 before its first write. */
  readonly version: number;
  /** Deliveries it has folded since it was started from its row. */
  readonly folded: readonly string[];
  /** Those whose outcome it has not written yet. */
  readonly unwritten: readonly string[];
  /** It is about to write its row. */
  readonly isWriting: boolean;
}

/** Name of the operator, from the token, and the reason. */
export interface OperatorRequest {
  readonly by: string;
  readonly reason: string;
}

/**
 * Beginning of the ids of Updates that come by the operations API or the command line, which have verified the name.
 */
export const OUR_UPDATES = 'partnerflow:';

/** Signal that brings a notification. */
export const notificationSignal = defineSignal<[Notification]>('notification');
/** Query for the status of a flow. */
export const statusQuery = defineQuery<FlowStatus>('status');
/** Query for a flow's own knowledge of its row and deliveries. */
export const knowledgeQuery = defineQuery<FlowKnowledge>('knowledge');
/** Update that reads the object now. */
export const refetchUpdate = defineUpdate<FlowStatus, [OperatorRequest]>('refetch');
/** Update that extends the present wait. */
export const extendUpdate = defineUpdate<FlowStatus, [OperatorRequest & { readonly seconds: number }]>('extend');
/** Update that answers for what waits for an operator. */
export const resolveUpdate = defineUpdate<FlowStatus, [OperatorRequest & { readonly result: 'done' | 'failed' }]>(
  'resolve',
);

/** Why an Update is refused by a flow that has ended and is about to close: as if it had closed already. */
export const FLOW_HAS_ENDED = 'the flow has ended';

/** Request to read an object. */
export interface ReadRequest {
  readonly key: SubjectKey;
  readonly workflowId: string;
  readonly purpose: ReadPurpose;
  readonly readHints: Readonly<Record<string, string>>;
  /** Objects it names, `<object>:<id>`, that are to be looked at with it. */
  readonly named?: readonly string[];
  /** Write to make before reading; it saves an activity of its own. */
  readonly write: SubjectWrite | null;
  /** Actions of operators, where nothing else is to be written; absent where there were none. */
  readonly deeds?: readonly FlowAction[];
}

/** Result of a read; when its write met a conflict, nothing was read. */
export interface ReadAnswer {
  readonly write: WriteResult | null;
  readonly result: ReadResult | null;
}

/** A recurrence of a savings plan that somebody has to decide on, or that is to be confirmed. */
export interface RecurrenceRequest {
  readonly key: SubjectKey;
  readonly recurrence: Recurrence;
}

/** Makes a flow hold its row against what it knows: it writes the row anew, or takes over one that has moved on. */
export const rewriteUpdate = defineUpdate<FlowStatus, [OperatorRequest]>('rewrite');

/** Gives a running flow the policy in force now. */
export const policyUpdate = defineUpdate<FlowStatus, [Policy]>('policy');

/** Input that a sweep starts from. */
export interface SweepInput {
  readonly partner: Partner;
  /** Length of the period to ask for. */
  readonly windowMs: number;
}

/** Number of events that the partner listed, and of those that had never arrived. */
export interface SweepResult {
  readonly listed: number;
  readonly kept: number;
  /** Deliveries of ours were still waiting for dispatch: nothing can be called new before they are through. */
  readonly waitsForBacklog: boolean;
  /** Why the partner could not be asked, or not for all; absent where it could. */
  readonly failure?: string;
}

/** The stretch of time a partner is asked about, ISO 8601 UTC. */
export interface SweepWindowRequest {
  readonly from: string;
  readonly to: string;
  /** An answer of the same worker that is no older than this will do: many flows ask at the same time. */
  readonly notBefore?: string;
  /** Only what moves holdings is kept: everything else has its own due times, and a sweep of its own. */
  readonly movementsOnly?: true;
}

/** Asks a partner what it has sent; on its task queue. */
export interface SweepActivities {
  sweepPartner(window: SweepWindowRequest): Promise<SweepResult>;
}

/** A corporate action's set that is to be judged from the ledger. */
export interface JudgeRequest {
  readonly key: SubjectKey;
  /**
   * Result of asking the partner for lost events since the last movement: before that, only a good verdict is given.
   */
  readonly asked: PartnerAsked;
}

/** Judges a set from the ledger; on the main task queue. */
export interface JudgeActivities {
  judgeSet(request: JudgeRequest): Promise<JudgeResult>;
}

/** Activities on the main task queue. */
export interface StoreActivities {
  writeSubject(write: SubjectWrite): Promise<WriteResult>;
}

/** Asks our own backend; on the main task queue. */
export interface DecisionActivities {
  decideRecurrence(request: RecurrenceRequest): Promise<DecisionAnswer>;
}

/** Confirms at the partner; on its task queue. */
export interface ConfirmationActivities {
  confirmRecurrence(request: RecurrenceRequest): Promise<ConfirmationAnswer>;
}

/** Activities on a partner's task queue. */
export interface ReadActivities {
  readObject(request: ReadRequest): Promise<ReadAnswer>;
}
