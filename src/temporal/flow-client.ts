import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

import { type ActionFlowInput, wakeSignal } from '../../workflows/action-contract';
import {
  expectUpdate,
  FLOW_HAS_ENDED,
  type FlowInput,
  NEWEST_PATCH,
  notificationSignal,
} from '../../workflows/contract';
import type { Expectation, ExpectationAnswer } from '../domain/expectation';
import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Notification } from '../domain/notification';
import { shortId } from '../domain/short-id';
import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { Policy } from '../domain/policy';
import type { StoredSubject } from '../domain/subject-write';
import { createTemporalCircuit, type TemporalCircuit } from './circuit';

const PartnerAttribute = defineSearchAttributeKey('Partner', SearchAttributeType.KEYWORD);
const ObjectIdAttribute = defineSearchAttributeKey('ObjectId', SearchAttributeType.KEYWORD);

/** A flow to be started, or signalled where it runs. */
export interface FlowAddress {
  readonly key: SubjectKey;
  readonly table: LifecycleTable;
  readonly policy: Policy;
  readonly stored: StoredSubject | null;
}

/** The time by which the first notification of an expected object is due. */
export interface FirstDue {
  /** ISO 8601 UTC, by the clock of whoever expects it. */
  readonly by: string;
  /** The length of the wait: the flow counts it from its start, by its own clock. Absent where the moment alone counts. */
  readonly withinMs?: number;
}

/** The calls that start and signal flows; every one has a deadline. */
export interface FlowStarter extends TemporalCircuit {
  /** Signals the running flow of the subject or starts one; answers the run that took the signal. */
  signalWithStart(address: FlowAddress, notification: Notification): Promise<string>;
  /** Starts a flow that waits for its first notification, and for what else is expected; false where one runs already. */
  startExpecting(address: FlowAddress, expected: FirstDue | null, expectation?: Expectation): Promise<boolean>;
  /** Tells a running flow what is expected; answers within 10 s also where no worker runs. */
  tell(workflowId: string, expectation: Expectation, updateId: string): Promise<TellAnswer>;
  /** Wakes the running flow of a whole corporate action, or starts it. */
  wakeAction(address: ActionAddress): Promise<void>;
}

/** The answer to an expectation that a flow was told of: the flow's own, or why there is none. */
export type TellAnswer = ExpectationAnswer | { readonly kind: 'ended' | 'no-worker' };

/** The flow of a whole corporate action, to be started, or woken where it runs. */
export interface ActionAddress extends Pick<FlowAddress, 'table' | 'policy'> {
  /** The partner's id of the corporate action. */
  readonly id: string;
}

function inputOf(
  { key, policy, stored }: FlowAddress,
  expected: FirstDue | null,
  expectation?: Expectation,
): FlowInput {
  const { by: expectedBy = null, withinMs } = expected ?? {};
  const within = withinMs === undefined ? {} : { expectedWithinMs: withinMs };
  const told = saysMore(expectation) ? { expectation } : {};
  return { key, policy, stored, expectedBy, ...within, ...told, foldedDeliveries: [], patches: NEWEST_PATCH };
}

/** True for an expectation that says more than that the object exists, which a flow knows by its start. */
function saysMore(expectation?: Expectation): expectation is Expectation {
  return expectation !== undefined && (expectation.kind !== 'created' || expectation.validUntil !== undefined);
}

/** `Partner` and `ObjectId` come with the start, where they cost nothing. No RetryPolicy: a flow ends in words, not in failures. */
function startOptions(taskQueue: string, address: FlowAddress, command = `flow ${workflowIdOf(address.key)}`) {
  const { key, table } = address;
  return {
    workflowId: workflowIdOf(key),
    taskQueue,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    // Two hundred characters of four bytes each are more than Temporal takes as a summary, or PostgreSQL as a keyword.
    staticSummary: `${table.title} ${shortId(key.id)}`,
    staticDetails: [
      `One ${table.title}, followed until nothing is owed any more.`,
      '',
      `- all that is known of it: \`partnerflow ${command}\``,
      '- what to do when it is overdue: docs/runbook.md',
    ].join('\n'),
    typedSearchAttributes: new TypedSearchAttributes([
      { key: PartnerAttribute, value: key.partner },
      { key: ObjectIdAttribute, value: shortId(key.id) },
    ]),
  } as const;
}

/** Below the 10 s that are promised: looking the flow up takes its part of it. */
const UPDATE_TIMEOUT_MS = 9_000;

/** Starts and signals of flows through one client and task queue. */
export function createFlowStarter(client: Client, taskQueue: string, callTimeoutMs: number): FlowStarter {
  const within = async <T>(call: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + callTimeoutMs, call);
  const circuit = createTemporalCircuit(() => within(() => signalNobody(client)));
  return {
    ...circuit,
    signalWithStart: (address, notification) =>
      within(async () => {
        const handle = await client.workflow.signalWithStart(address.table.lifecycle, {
          ...startOptions(taskQueue, address),
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [inputOf(address, null)],
          signal: notificationSignal,
          signalArgs: [notification],
        });
        return handle.signaledRunId;
      }),
    wakeAction: (address) =>
      within(async () => {
        const { table, policy, id } = address;
        const { partner, object } = table;
        const key = { partner, object, id };
        const input: ActionFlowInput = { follows: 'action', action: { partner, id }, policy };
        await client.workflow.signalWithStart(table.lifecycle, {
          ...startOptions(taskQueue, { key, table, policy, stored: null }, `corporate-action ${id}`),
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [input],
          signal: wakeSignal,
          signalArgs: [],
        });
      }),
    startExpecting: (address, expected, expectation) =>
      within(async () => {
        try {
          await client.workflow.start(address.table.lifecycle, {
            ...startOptions(taskQueue, address),
            workflowIdConflictPolicy: 'FAIL',
            args: [inputOf(address, expected, expectation)],
          });
          return true;
        } catch (error) {
          if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
          throw error;
        }
      }),
    async tell(workflowId, expectation, updateId) {
      const handle = client.workflow.getHandle(workflowId);
      try {
        return await client.withDeadline(Date.now() + UPDATE_TIMEOUT_MS, () =>
          handle.executeUpdate(expectUpdate, { updateId, args: [expectation] }),
        );
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return { kind: 'ended' };
        if (!(error instanceof WorkflowUpdateFailedError)) return { kind: 'no-worker' };
        if (error.cause?.message === FLOW_HAS_ENDED) return { kind: 'ended' };
        // A worker of a release before does not know the Update: the next try may meet another.
        return { kind: 'no-worker' };
      }
    },
  };
}

/**
 * A signal to a workflow that does not exist. It needs what every other signal needs: the connection, the rights, a
 * shard of Temporal's history and its database. Resolves where Temporal says that there is no such workflow.
 */
async function signalNobody(client: Client): Promise<void> {
  try {
    await client.workflow.getHandle(`partnerflow:question:${crypto.randomUUID()}`).signal(notificationSignal.name);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
