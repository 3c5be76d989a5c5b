import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

import { type ActionFlowInput, wakeSignal } from '../../workflows/action-contract';
import { type FlowInput, NEWEST_PATCH, notificationSignal } from '../../workflows/contract';
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
  /** Starts a flow that waits for its first notification; false where one runs already. */
  startExpecting(address: FlowAddress, expected: FirstDue | null): Promise<boolean>;
  /** Wakes the running flow of a whole corporate action, or starts it. */
  wakeAction(address: ActionAddress): Promise<void>;
}

/** The flow of a whole corporate action, to be started, or woken where it runs. */
export interface ActionAddress extends Pick<FlowAddress, 'table' | 'policy'> {
  /** The partner's id of the corporate action. */
  readonly id: string;
}

function inputOf({ key, policy, stored }: FlowAddress, expected: FirstDue | null): FlowInput {
  const { by: expectedBy = null, withinMs } = expected ?? {};
  const within = withinMs === undefined ? {} : { expectedWithinMs: withinMs };
  return { key, policy, stored, expectedBy, ...within, foldedDeliveries: [], patches: NEWEST_PATCH };
}

/** `Partner` and `ObjectId` come with the start, where they cost nothing. No RetryPolicy: a flow ends in words, not in failures. */
function startOptions(taskQueue: string, address: FlowAddress) {
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
      `- all that is known of it: \`partnerflow flow ${workflowIdOf(key)}\``,
      '- what to do when it is overdue: docs/runbook.md',
    ].join('\n'),
    typedSearchAttributes: new TypedSearchAttributes([
      { key: PartnerAttribute, value: key.partner },
      { key: ObjectIdAttribute, value: shortId(key.id) },
    ]),
  } as const;
}

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
          ...startOptions(taskQueue, { key, table, policy, stored: null }),
          workflowIdConflictPolicy: 'USE_EXISTING',
          args: [input],
          signal: wakeSignal,
          signalArgs: [],
        });
      }),
    startExpecting: (address, expected) =>
      within(async () => {
        try {
          await client.workflow.start(address.table.lifecycle, {
            ...startOptions(taskQueue, address),
            workflowIdConflictPolicy: 'FAIL',
            args: [inputOf(address, expected)],
          });
          return true;
        } catch (error) {
          if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
          throw error;
        }
      }),
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
