// The names and messages between clients, the flow of a whole corporate action, and its activities.
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

import type { ActionOverview } from '../src/domain/lifecycles/corporate-actions/action-overview';
import type { Partner } from '../src/domain/partner';
import type { Policy } from '../src/domain/policy';
import type { FlowAction } from '../src/domain/subject-write';
import type { OperatorRequest } from './contract';

/** The input that the flow of a whole corporate action starts from; the field `follows` tells it from a holder's. */
export interface ActionFlowInput {
  readonly follows: 'action';
  readonly action: CorporateActionKey;
  readonly policy: Policy;
  /** The number of rounds in a row, before continuing as new, that left sets in their quiet period; absent: none. */
  readonly busyRounds?: number;
}

/** The partner, and its id of a corporate action. */
export interface CorporateActionKey {
  readonly partner: Partner;
  /** The partner's `ca_id`. */
  readonly id: string;
}

/** The answer of the query `status` of the flow of a whole corporate action. */
export interface ActionStatus {
  /** Null before the first round of judging. */
  readonly overview: ActionOverview | null;
  /** ISO 8601 UTC; null where nothing is due unless something happens. */
  readonly nextRoundAt: string | null;
}

/** The signal by which the flow of a whole corporate action learns that there is something to look at. */
export const wakeSignal = defineSignal('wake');
/** The query for where the flow of a whole corporate action stands. */
export const actionStatusQuery = defineQuery<ActionStatus>('status');
/** The set of a corporate action that is acted on. */
export interface OfOneSet {
  readonly userId: string;
}
/** The Update by which an operator asks for a set to be judged anew, and its partner to be asked before. */
export const refetchSetUpdate = defineUpdate<ActResult, [OperatorRequest & OfOneSet]>('refetch');
/** The Update by which an operator gives a set more time. */
export const extendSetUpdate = defineUpdate<ActResult, [OperatorRequest & OfOneSet & { readonly seconds: number }]>(
  'extend',
);
/** The Update by which an operator ends a set by hand. */
export const resolveSetUpdate = defineUpdate<
  ActResult,
  [OperatorRequest & OfOneSet & { readonly result: 'done' | 'failed' }]
>('resolve');
/** The Update by which acts on many sets, which are stored, are done; it names the stored request. */
export const actOnSetsUpdate = defineUpdate<number, [{ readonly request: string }]>('actOnSets');

/** The Update that gives the flow of a whole corporate action, and all its sets, the policy in force now. */
export const policyOfActionUpdate = defineUpdate<ActionStatus, [Policy]>('policy');

/** The result of an act on a set; an ended one is not acted on. */
export type ActResult = 'done' | 'ended';

/** The request for a round over a corporate action, or for several, while the next one is due within seconds. */
export interface RoundRequest {
  readonly action: CorporateActionKey;
  readonly policy: Policy;
  /** The answer to whether the partner could be asked, and the time of the database as of which it was; null: not asked since the last round. */
  readonly asked: { readonly result: 'reached' | 'unreachable'; readonly at: string } | null;
  /** The number of rounds in a row before it that left sets in their quiet period. */
  readonly busyRounds: number;
}

/** The result of one round; `later` where deliveries of the partner wait that nobody could decode yet. */
export type RoundResult =
  | { readonly kind: 'later' }
  | {
      readonly kind: 'judged';
      readonly overview: ActionOverview;
      readonly ask: { readonly from: string; readonly asOf: string } | null;
      /** Milliseconds until something is due again; null where nothing is owed, unless something happens. */
      readonly nextInMs: number | null;
      /** Sets are in their quiet period. */
      readonly isSettling: boolean;
      /** The number of rounds that were made. */
      readonly rounds: number;
    };

/** An act on one set. */
export interface ActRequest {
  readonly action: CorporateActionKey;
  readonly policy: Policy;
  readonly userId: string;
  readonly act: FlowAction;
}

/** The request to do stored acts, or to arrange all sets by a policy. */
export interface ManySetsRequest {
  readonly action: CorporateActionKey;
  readonly policy: Policy;
  /** The stored request; null where the policy alone has changed. */
  readonly request: string | null;
}

/** The activities of the flow of a whole corporate action; on the main task queue. */
export interface ActionActivities {
  judgeAction(request: RoundRequest): Promise<RoundResult>;
  actOnSet(request: ActRequest): Promise<ActResult>;
  /** The number of sets that were changed. */
  changeSets(request: ManySetsRequest): Promise<number>;
}
