// The names and messages between clients, workflows and activities: nobody imports more of the other side.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

import type { JudgeResult } from '../src/domain/lifecycles/corporate-actions/fold-set';
import type { PartnerAsked } from '../src/domain/lifecycles/corporate-actions/set-news';
import type { Expectation, ExpectationAnswer } from '../src/domain/expectation';
import type { FollowedLifecycle } from '../src/domain/lifecycle';
import type { Notification } from '../src/domain/notification';
import type { Partner } from '../src/domain/partner';
import type { SubjectKey } from '../src/domain/subject-key';
import type { Policy } from '../src/domain/policy';
import type { ConfirmationAnswer, DecisionAnswer } from '../src/domain/lifecycles/savings-plan/answers';
import type { Recurrence } from '../src/domain/lifecycles/savings-plan/recurrence';
import type { ReadResult } from '../src/domain/reading';
import type { End, Finding, FindingKind, ReadPurpose } from '../src/domain/subject';
import type { FlowAction, StoredSubject, SubjectWrite, WriteResult } from '../src/domain/subject-write';

export { NEWEST_PATCH } from './patches';

/** The task queue for reads of a partner: one of its own, so that one hanging partner delays no other. */
export function readTaskQueue(taskQueue: string, partner: Partner): string {
  return `${taskQueue}-${partner}`;
}

/** The task queue for confirmations at a partner: one of its own, so that none waits behind reads. */
export function confirmationTaskQueue(taskQueue: string, partner: Partner): string {
  return `${readTaskQueue(taskQueue, partner)}-confirm`;
}

/** A type of workflow that follows a subject: the name of its lifecycle. */
export type WorkflowType = FollowedLifecycle;

/** The input that a flow starts from. */
export interface FlowInput {
  readonly key: SubjectKey;
  readonly policy: Policy;
  /** The stored subject, where there is one. */
  readonly stored: StoredSubject | null;
  /** Our own backend created the object and expects its first notification by then; null when a notification starts the flow. */
  readonly expectedBy: string | null;
  /** The same as a length of time from the flow's start, which no other clock can shift; absent where only a moment is known. */
  readonly expectedWithinMs?: number;
  /** More that our own backend has said of the object; told to the flow as it begins. Absent where it has said nothing. */
  readonly expectation?: Expectation;
  /** Deliveries folded before continuing as new. */
  readonly foldedDeliveries: readonly string[];
  /** Operator actions before continuing as new; absent where there are none. */
  readonly deeds?: readonly FlowAction[];
  /** Those among them that the store has not kept yet; absent where there are none. */
  readonly unkeptActions?: readonly FlowAction[];
  /** The number of the newest patch that its starter knew; absent from one of before 0.3.0. */
  readonly patches?: number;
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
  /** Operator actions on this run, oldest first; absent where there are none. */
  readonly deeds?: readonly FlowAction[];
  readonly foldedDeliveries: number;
  readonly unwrittenOutcomes: number;
}

/**
 * The answer of the query `knowledge`: what a flow knows of its row and its deliveries, for `reconcile` to hold against
 * the store.
 */
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

/** The operator who asks, from the token's name, and the reason. */
export interface OperatorRequest {
  readonly by: string;
  readonly reason: string;
}

/** The beginning of the ids of Updates that come by the operations API or the command line, which know who asks. */
export const OUR_UPDATES = 'partnerflow:';

/** The signal of one notification, sent by dispatch. */
export const notificationSignal = defineSignal<[Notification]>('notification');
/** The query for where a flow stands. */
export const statusQuery = defineQuery<FlowStatus>('status');
/** The query for what a flow knows of its row. */
export const knowledgeQuery = defineQuery<FlowKnowledge>('knowledge');
/** The Update by which an operator asks for a read now. */
export const refetchUpdate = defineUpdate<FlowStatus, [OperatorRequest]>('refetch');
/** The Update by which an operator gives the partner more time, in seconds from now. */
export const extendUpdate = defineUpdate<FlowStatus, [OperatorRequest & { readonly seconds: number }]>('extend');
/** The Update by which an operator ends a flow by hand. */
export const resolveUpdate = defineUpdate<FlowStatus, [OperatorRequest & { readonly result: 'done' | 'failed' }]>(
  'resolve',
);

/** The Update by which a flow is told what our own backend expects of the partner. */
export const expectUpdate = defineUpdate<ExpectationAnswer, [Expectation]>('expect');

/** The reason why an Update is refused by a flow that has ended and is about to close, as if it had closed already. */
export const FLOW_HAS_ENDED = 'the flow has ended';
/** The reason why an Update is refused by a run that is about to end, and to be followed by another: that one takes it. */
export const FLOW_GOES_ON = 'the flow goes on in a new run: send it again';

/** The request to read an object at its partner. */
export interface ReadRequest {
  readonly key: SubjectKey;
  readonly workflowId: string;
  readonly purpose: ReadPurpose;
  readonly readHints: Readonly<Record<string, string>>;
  /** Related objects, `<object>:<id>`, that are to be read with it. */
  readonly named?: readonly string[];
  /** The write to be done before the read, which saves an activity of its own. */
  readonly write: SubjectWrite | null;
  /** Operator actions to keep, where nothing else is to be written; absent where there are none. */
  readonly deeds?: readonly FlowAction[];
}

/** The result of a read; when its write met a conflict, nothing was read. */
export interface ReadAnswer {
  readonly write: WriteResult | null;
  readonly result: ReadResult | null;
}

/** The request to decide on a recurrence of a savings plan, or to confirm it. */
export interface RecurrenceRequest {
  readonly key: SubjectKey;
  readonly recurrence: Recurrence;
}

/**
 * The Update that makes a flow hold its row against what it knows: it writes the row anew, or takes over one that has
 * moved on.
 */
export const rewriteUpdate = defineUpdate<FlowStatus, [OperatorRequest]>('rewrite');

/** The Update that gives a running flow the policy in force now. */
export const policyUpdate = defineUpdate<FlowStatus, [Policy]>('policy');

/** The input that a sweep starts from. */
export interface SweepInput {
  readonly partner: Partner;
  /** The length of the time window that is asked for. */
  readonly windowMs: number;
  /** Temporal orders the partner's task queue by priority. */
  readonly usesPriority?: true;
}

/** The result of a sweep: how many events the partner listed, and how many of them had never arrived. */
export interface SweepResult {
  readonly listed: number;
  readonly kept: number;
  /** True where deliveries of ours still waited for dispatch: nothing can be called new before they are dispatched. */
  readonly waitsForBacklog: boolean;
  /** The reason why the partner could not be asked, or not for all; absent where it could. */
  readonly failure?: string;
  /** Number of listed events that belong to no webhook; absent where there are none. */
  readonly unrouted?: number;
  /** The lists of objects that could not be had, each with why; absent where there are none. */
  readonly lacking?: readonly string[];
}

/** The request to ask a partner for the events of a time window, ISO 8601 UTC. */
export interface SweepWindowRequest {
  readonly from: string;
  readonly to: string;
  /** An answer of the same worker that is no older than this is enough: many flows ask at the same time. */
  readonly notBefore?: string;
  /** Only movements are kept: everything else has its own due times, and a sweep of its own. */
  readonly movementsOnly?: true;
}

/** The activity that asks a partner what it has sent; on the partner's task queue. */
export interface SweepActivities {
  sweepPartner(window: SweepWindowRequest): Promise<SweepResult>;
}

/** The request to judge a corporate action's set from the ledger. */
export interface JudgeRequest {
  readonly key: SubjectKey;
  /** The answer to whether the partner was asked for lost events since the last movement: before that, only good verdicts are given. */
  readonly asked: PartnerAsked;
}

/** The activity that judges a set from the ledger; on the main task queue. */
export interface JudgeActivities {
  judgeSet(request: JudgeRequest): Promise<JudgeResult>;
}

/** The activity that writes a subject's row; on the main task queue. */
export interface StoreActivities {
  writeSubject(write: SubjectWrite): Promise<WriteResult>;
}

/** The activity that asks our own backend; on the main task queue. */
export interface DecisionActivities {
  decideRecurrence(request: RecurrenceRequest): Promise<DecisionAnswer>;
}

/** The activity that confirms at the partner; on the partner's task queue for confirmations. */
export interface ConfirmationActivities {
  confirmRecurrence(request: RecurrenceRequest): Promise<ConfirmationAnswer>;
}

/** The activity that reads an object; on its partner's task queue. */
export interface ReadActivities {
  readObject(request: ReadRequest): Promise<ReadAnswer>;
}
