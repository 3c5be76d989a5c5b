import { randomUUID } from 'node:crypto';

import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { sql } from 'kysely';
import pino from 'pino';

import type { ConfirmRecurrence } from '../../src/partners/client';
import type { DecisionMaker } from '../../activities/decide-recurrence';
import type { DispatchDependencies } from '../../src/dispatch/batch';
import { type Dispatcher, startDispatcher } from '../../src/dispatch/dispatcher';
import { createFlowStarter, type FlowStarter } from '../../src/temporal/flow-client';
import type { NotificationContent } from '../../src/domain/notification';
import type { Partner } from '../../src/domain/partner';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import type { Reading } from '../../src/domain/reading';
import type { Policies } from '../../src/domain/lifecycles/rules';
import type { PartnerDecoder } from '../../src/partners/event';
import type { PartnerReader } from '../../src/partners/reading';
import type { PartnerSweep } from '../../src/partners/sweep';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { IN_CLEAR } from '../../src/store/encryption';
import { createWorkers } from '../../src/processes/worker-parts';
import { createSlots } from '../../src/lib/concurrency';
import { DISPATCH_LIMITS } from '../support/dispatch';
import { freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';
import { testServers } from '../support/servers';
import { partnersDecoding } from '../support/partners';

export interface SentDelivery {
  readonly id: string;
  readonly status: string | null;
}

Runtime.install({ logger: new DefaultLogger('ERROR') });

/** Everything between a kept delivery and a settled flow, on real servers; only the partner is a function. */
export interface Harness {
  readonly database: Database;
  readonly databaseUrl: string;
  readonly client: Client;
  readonly taskQueue: string;
  readonly dependencies: DispatchDependencies;
  /** What a read of an object gives, or will give; thrown errors are failures of the partner. */
  readonly objects: Map<string, () => Reading | Promise<Reading>>;
  /** Ids read so far. */
  readonly reads: string[];
  keep(
    orderId: string,
    status: string | null,
    more?: { receivedAt?: Date; key?: string; meaning?: string },
  ): Promise<string>;
  /** Keeps a delivery that says the given thing of any subject. */
  tell(subject: SubjectKey, content: NotificationContent): Promise<string>;
  wake(): void;
  startWorkers(): Promise<void>;
  /** Workers of a process of its own, on workflow code that may be another; gives what stops them, as SIGTERM does. */
  startWorkersOn(workflowBundlePath: string): Promise<() => Promise<void>>;
  stopWorkers(): Promise<void>;
  startDispatch(): void;
  stopDispatch(): Promise<void>;
  close(): Promise<void>;
}

interface Body {
  readonly orderId: string;
  readonly status: string | null;
  readonly key?: string;
  readonly meaning?: string;
  /** Where it is there, it is all that the delivery says. */
  readonly told?: { readonly subject: SubjectKey; readonly content: NotificationContent };
}

function bodyOf(bytes: Buffer): Body {
  const body: Body = JSON.parse(bytes.toString('utf8'));
  return body;
}

function testDecoder(partner: PartnerDecoder['partner']): PartnerDecoder {
  return {
    partner,
    decode: (_route, bytes) => {
      const { orderId, status, key, meaning, told } = bodyOf(bytes);
      if (told !== undefined) return { ok: true, decoded: { event: 'TEST', duplicateKey: null, details: {}, ...told } };
      if (status === 'UNKNOWN')
        return { ok: false, event: 'TEST', problem: { path: 'status', expected: 'a known one', found: status } };
      const content = {
        lifecycle: 'order',
        event: 'TEST',
        status,
        reason: null,
        executions: [],
        readHints: {},
      } as const;
      const duplicateKey = key === undefined ? null : { key, meaning: meaning ?? status ?? '' };
      return {
        ok: true,
        decoded: {
          event: 'TEST',
          subject: { partner: 'tradevest', object: 'order', id: orderId },
          duplicateKey,
          details: {},
          content,
        },
      };
    },
  };
}

export interface HarnessOptions {
  readonly policies?: Policies;
  readonly namespace?: string;
  readonly address?: string;
  /** Whose objects can be read; Tradevest's alone where nothing is said. */
  readonly partners?: readonly Partner[];
  readonly decisionMaker?: DecisionMaker;
  readonly confirm?: ConfirmRecurrence;
  /** What starts flows is of the last release: it names no patches. Asked at every start. */
  readonly startsAsBefore?: () => boolean;
  /** Between dispatch and Temporal. */
  readonly throughFlows?: (flows: FlowStarter, taskQueue: string) => FlowStarter;
  /** What partners list; where nothing is said Bitpanda lists nothing, and no other is asked. */
  readonly sweep?: PartnerSweep;
  /** Slots for the reads of a partner; twenty where nothing is said. */
  readonly readConcurrency?: number;
}

const LIMITS = { ...DISPATCH_LIMITS, leaseMs: 5_000, pollMs: 100 };

/** Input of flows without what only the present version writes into it, as long as the option asks for it. */
function asBefore({ startsAsBefore = () => false }: HarnessOptions): WorkflowClientInterceptor {
  const argsOf = (given: unknown[]): unknown[] =>
    startsAsBefore() ? given.map((one) => (typeof one === 'object' ? { ...one, patches: undefined } : one)) : given;
  return {
    startWithDetails: (input, next) =>
      next({ ...input, options: { ...input.options, args: argsOf(input.options.args) } }),
    signalWithStart: (input, next) =>
      next({ ...input, options: { ...input.options, args: argsOf(input.options.args) } }),
  };
}

export async function openHarness(options: HarnessOptions = {}): Promise<Harness> {
  const servers = testServers();
  const address = options.address ?? servers.temporalAddress;
  const namespace = options.namespace ?? 'default';
  const fresh = await freshDatabase();
  const database = openDatabase({ url: fresh.url, poolSize: 10 });
  await migrate(database.kysely);
  // A release before knows no flow of a whole corporate action.
  if (options.startsAsBefore !== undefined) await database.kysely.deleteFrom('activations').execute();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, namespace, interceptors: { workflow: [asBefore(options)] } });
  const taskQueue = `test-${randomUUID()}`;
  const policies = options.policies ?? createPolicies(DEFAULT_POLICY_SETTINGS, 1);
  const objects: Harness['objects'] = new Map();
  const reads: string[] = [];
  const reader: PartnerReader = {
    read: async ({ id }) => {
      reads.push(id);
      await Promise.resolve();
      return (await objects.get(id)?.()) ?? { kind: 'absent' };
    },
  };
  const swept = options.sweep === undefined ? {} : { sweep: options.sweep };
  const more = {
    ...(options.confirm === undefined ? {} : { confirmRecurrence: options.confirm }),
    sweep: options.sweep ?? (() => Promise.resolve({ events: [] })),
  };
  const starter = createFlowStarter(client, taskQueue, 3_000);
  const dependencies: DispatchDependencies = {
    database: database.kysely,
    partners: partnersDecoding(testDecoder),
    flows: options.throughFlows?.(starter, taskQueue) ?? starter,
    policies,
    logger: pino({ level: 'silent' }),
    slots: createSlots({ count: 16, slowMs: 200 }),
    mostTries: 3,
    encryption: IN_CLEAR,
  };
  const insert = async (partner: Partner, said: Body, receivedAt = new Date()): Promise<string> => {
    const body = Buffer.from(JSON.stringify(said));
    const id = await keepDelivery(database.kysely, { partner, received_at: receivedAt, body });
    dispatcher?.wake();
    return id;
  };
  const stops = new Set<() => Promise<void>>();
  let dispatcher: Dispatcher | null = null;
  const harness: Harness = {
    database,
    databaseUrl: fresh.url,
    client,
    taskQueue,
    dependencies,
    objects,
    reads,
    keep(orderId, status, more = {}) {
      const { receivedAt, ...rest } = more;
      return insert('tradevest', { orderId, status, ...rest }, receivedAt);
    },
    tell: (subject, content) =>
      insert(subject.partner, { orderId: subject.id, status: null, told: { subject, content } }),
    wake: () => dispatcher?.wake(),
    async startWorkers() {
      await harness.startWorkersOn(servers.workflowBundlePath);
    },
    async startWorkersOn(workflowBundlePath) {
      // The SDK takes one worker for a task queue on each connection.
      const native = await NativeConnection.connect({ address });
      const workers = await createWorkers({
        connection: native,
        namespace,
        taskQueue,
        workflowBundlePath,
        database: database.kysely,
        lifecycleTables: dependencies.partners.lifecycleTables,
        readPartners: dependencies.partners.modules
          .filter(({ name }) => (options.partners ?? ['tradevest']).includes(name))
          .map((module) => ({ ...module, client: { ...reader, ...(module.name === 'bitpanda' ? more : swept) } })),
        decisionMaker: options.decisionMaker ?? null,
        alertWindowMs: policies.alertWindowMs,
        precisions: policies.precisions,
        encryption: IN_CLEAR,
        cachedWorkflows: 500,
        readConcurrency: options.readConcurrency ?? 20,
        readsPerSecond: 1_000,
      });
      const runs = Promise.all(workers.map((worker) => worker.run()));
      const stop = async (): Promise<void> => {
        stops.delete(stop);
        for (const worker of workers) worker.shutdown();
        await runs;
        await native.close();
      };
      stops.add(stop);
      return stop;
    },
    async stopWorkers() {
      await Promise.all([...stops].map((stop) => stop()));
    },
    startDispatch() {
      dispatcher = startDispatcher(dependencies, LIMITS);
    },
    async stopDispatch() {
      await dispatcher?.stop();
      dispatcher = null;
    },
    async close() {
      await harness.stopDispatch();
      await harness.stopWorkers();
      await connection.close();
      await database.close();
      await fresh.drop();
    },
  };
  return harness;
}

/** Outcome of each delivery, in the order they were kept. */
export async function outcomes(harness: Harness): Promise<readonly (string | null)[]> {
  const rows = await harness.database.kysely
    .selectFrom('deliveries')
    .select(['status', 'outcome'])
    .orderBy('position')
    .execute();
  return rows.map(({ status, outcome }) => outcome ?? status);
}

/** The row of any subject. */
export async function rowOf(harness: Harness, key: SubjectKey) {
  return harness.database.kysely
    .selectFrom('subjects')
    .selectAll()
    .where('workflow_id', '=', workflowIdOf(key))
    .executeTakeFirstOrThrow();
}

export async function subjectOf(harness: Harness, orderId: string) {
  return harness.database.kysely
    .selectFrom('subjects')
    .selectAll()
    .where('workflow_id', '=', `tradevest:order:${orderId}`)
    .executeTakeFirstOrThrow();
}

export async function recovered(harness: Harness): Promise<number> {
  const row = await sql<{
    total: string;
  }>`SELECT coalesce(sum(value), 0) AS total FROM (
      SELECT name, value FROM counts UNION ALL SELECT name, value FROM count_changes
    ) AS known WHERE name = 'recovered'`.execute(harness.database.kysely);
  return Number(row.rows[0]?.total ?? 0);
}
