import type { DataConverter } from '@temporalio/common';
import {
  type ActivityInterceptorsFactory,
  type InjectedSinks,
  type NativeConnection,
  Worker,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Kysely } from 'kysely';

import { createConfirmationActivities } from '../../activities/confirm-recurrence';
import { createDecisionActivities, type DecisionMaker } from '../../activities/decide-recurrence';
import { createActionActivities } from '../../activities/judge-action';
import { createJudgeActivities } from '../../activities/judge-set';
import { createReadActivities } from '../../activities/read-object';
import { createSweepActivities } from '../../activities/sweep-partner';
import { createStoreActivities } from '../../activities/write-subject';
import { confirmationTaskQueue, readTaskQueue } from '../../workflows/contract';
import type { TraceSinks } from '../../workflows/trace-contract';
import type { Partner } from '../domain/partner';
import type { LifecycleTable } from '../domain/lifecycles/table';
import type { PartnerClient } from '../partners/client';
import type { PartnerDecoder } from '../partners/event';
import type { Encryption } from '../store/encryption';
import type { Tables } from '../store/schema/tables';

/** Partner whose objects are read, on a task queue of its own. */
export interface ReadPartner {
  readonly name: Partner;
  readonly client: PartnerClient;
  readonly decoder: PartnerDecoder;
  readonly lifecycles: readonly LifecycleTable[];
}

/** Parts of a worker process. */
export interface WorkerParts {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly taskQueue: string;
  /** Path of the prebuilt bundle of workflow code. */
  readonly workflowBundlePath: string;
  readonly database: Kysely<Tables>;
  readonly encryption: Encryption;
  /** By which references are found; null or absent: they are not. */
  readonly referenceHashKey?: Buffer | null | undefined;
  /** Converter of payloads; undefined leaves them in clear. */
  readonly dataConverter?: DataConverter | undefined;
  readonly readPartners: readonly ReadPartner[];
  /** Lifecycle tables of all partners, also of those that are not read. */
  readonly lifecycleTables: readonly LifecycleTable[];
  readonly decisionMaker: DecisionMaker;
  readonly alertWindowMs: number;
  /** Smallest amount a partner books, by asset group. */
  readonly precisions: Readonly<Record<string, string>>;
  readonly cachedWorkflows: number;
  readonly readConcurrency: number;
  readonly readsPerSecond: number;
  /** Watch that counts, traces and logs activities and flows; absent: none. */
  readonly watch?: { readonly activities: ActivityInterceptorsFactory; readonly sinks: InjectedSinks<TraceSinks> };
}

/**
 * Workers: one for workflows and writes, one per partner for its reads with its own concurrency and rate, and one for
 * its confirmations. A partner that hangs on every read fills the slots of its own reads only.
 */
export async function createWorkers(parts: WorkerParts): Promise<readonly Worker[]> {
  const main = await Worker.create({
    ...common(parts),
    taskQueue: parts.taskQueue,
    workflowBundle: { codePath: parts.workflowBundlePath },
    activities: {
      ...createStoreActivities(parts.database, parts.alertWindowMs),
      ...createJudgeActivities(parts.database, parts),
      ...createActionActivities(parts),
      ...createDecisionActivities(parts.decisionMaker),
    },
    maxCachedWorkflows: parts.cachedWorkflows,
    ...(parts.watch === undefined ? {} : { sinks: parts.watch.sinks }),
  });
  const readers = await Promise.all(parts.readPartners.map((partner) => createReader(parts, partner)));
  const confirmers = await Promise.all(parts.readPartners.flatMap((partner) => createConfirmer(parts, partner)));
  return [main, ...readers, ...confirmers];
}

/** Time for activities to finish at a graceful shutdown; longer than the longest of them. */
const SHUTDOWN_GRACE = '25s';

function common({ connection, namespace, dataConverter, watch }: WorkerParts) {
  const converting = dataConverter === undefined ? {} : { dataConverter };
  const watching = watch === undefined ? {} : { interceptors: { activity: [watch.activities] } };
  return {
    connection,
    namespace,
    shutdownGraceTime: SHUTDOWN_GRACE,
    ...converting,
    ...watching,
  } satisfies Partial<WorkerOptions>;
}

async function createReader(parts: WorkerParts, { name, client, decoder, lifecycles }: ReadPartner): Promise<Worker> {
  const { database, alertWindowMs, encryption, referenceHashKey } = parts;
  const { sweep, confirmRecurrence } = client;
  return Worker.create({
    ...common(parts),
    taskQueue: readTaskQueue(parts.taskQueue, name),
    activities: {
      ...createReadActivities({ database, reader: client, lifecycles, alertWindowMs, encryption, referenceHashKey }),
      // Flows that a worker of 0.2.0 runs, as one may while versions change, confirm here.
      ...(confirmRecurrence === undefined ? {} : createConfirmationActivities(confirmRecurrence)),
      ...(sweep === undefined
        ? {}
        : createSweepActivities({ database, partner: name, decoder, sweep, encryption, alertWindowMs })),
    },
    maxConcurrentActivityTaskExecutions: parts.readConcurrency,
    maxTaskQueueActivitiesPerSecond: parts.readsPerSecond,
  });
}

/** Worker of a partner's confirmations, whose slots no read takes; none where the partner has nothing to be confirmed. */
function createConfirmer(parts: WorkerParts, { name, client }: ReadPartner): readonly Promise<Worker>[] {
  const { confirmRecurrence } = client;
  if (confirmRecurrence === undefined) return [];
  const worker = Worker.create({
    ...common(parts),
    taskQueue: confirmationTaskQueue(parts.taskQueue, name),
    activities: createConfirmationActivities(confirmRecurrence),
    maxConcurrentActivityTaskExecutions: parts.readConcurrency,
    maxTaskQueueActivitiesPerSecond: parts.readsPerSecond,
  });
  return [worker];
}
