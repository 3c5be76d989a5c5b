import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import type { Kysely } from 'kysely';
import { request } from 'undici';

import { PARTNERS } from '../../src/partners';
import { messageSourcesOf } from '../../src/partners/message-sources';
import { type ActionResult, oneByOne, type OperatorAction } from '../../src/operator/actions';
import type { ExpectationResult } from '../../src/operator/expect';
import type { ExpectationRequest } from '../../src/operator/expectation-request';
import type { Problem } from '../../src/domain/problem';
import type { Outcome, Subject } from '../../src/domain/subject';
import { openSubjectFile } from '../../src/operator/subject-file/subject-file';
import { createApplication } from '../../src/http/server/application';
import { createOperationsApi } from '../../src/http/operations';
import { createOperationsPage, type PageOptions } from '../../src/http/page';
import { createBodyLimits } from '../../src/http/operations/body';
import type { OperationsDependencies } from '../../src/http/operations/dependencies';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { IN_CLEAR, type Encryption } from '../../src/store/encryption';
import { createFlowLink } from '../../src/store/flows/list';
import type { DeliveryStatus, Tables } from '../../src/store/schema/tables';
import { freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';

export const REFERENCE_HASH_KEY = Buffer.alloc(32, 7);
export const TOKEN = 'token-of-alice';

/** What any answer of the API may hold; a test says itself what it expects. */
export interface ReplyBody {
  readonly items: readonly { readonly id: string; readonly workflowId: string; readonly [field: string]: unknown }[];
  readonly next: string | null;
  readonly bodyBase64: string | null;
  readonly expected: string;
  readonly detail: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
  readonly [field: string]: unknown;
}

export interface OpenApiOperation {
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: ReplyBody;
}

export interface Asked {
  readonly expectations: ExpectationRequest[];
  readonly actions: { readonly workflowId: string; readonly action: OperatorAction }[];
  readonly log: object[];
  wakes: number;
}

/** What stands behind the API and is not the store; a test changes the answers. */
export interface Stand {
  expectation: ExpectationResult;
  operator: ActionResult;
  notRunning: readonly string[] | 'unknown';
}

export interface Api {
  readonly database: Database;
  readonly url: string;
  readonly databaseUrl: string;
  readonly asked: Asked;
  readonly stand: Stand;
  readonly dependencies: OperationsDependencies;
  call(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS',
    path: string,
    options?: CallOptions,
  ): Promise<Reply>;
  close(): Promise<void>;
}

export interface CallOptions {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly rawBody?: string | Buffer;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

function standIn(
  asked: Asked,
  stand: Stand,
): Pick<OperationsDependencies, 'notRunning' | 'registerExpectation' | 'operate' | 'wakeDispatcher' | 'log'> {
  return {
    notRunning: (runs) =>
      Promise.resolve(
        stand.notRunning === 'unknown'
          ? 'unknown'
          : runs.filter(({ workflowId }) => stand.notRunning.includes(workflowId)),
      ),
    registerExpectation: (expectation) => {
      asked.expectations.push(expectation);
      return Promise.resolve(stand.expectation);
    },
    operate: (workflowId, action) => {
      asked.actions.push({ workflowId, action });
      return Promise.resolve(stand.operator);
    },
    wakeDispatcher: () => {
      asked.wakes += 1;
    },
    log: { info: (fields) => asked.log.push(fields), error: (fields) => asked.log.push(fields) },
  };
}

/** The page before the API, as a receiver serves them. */
export async function listen(dependencies: OperationsDependencies, page: PageOptions = { publicUrl: null }) {
  const parts = [createOperationsPage(dependencies, page), createOperationsApi(dependencies)];
  const handle = createApplication(parts).callback();
  const server = createServer((incoming, response) => void handle(incoming, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The operations API on a socket, over a database of its own. */
export async function openApi(
  options: {
    readonly tokens?: OperationsDependencies['tokens'];
    readonly databaseUrl?: string;
    readonly encryption?: Encryption;
    readonly page?: PageOptions;
  } = {},
): Promise<Api> {
  const fresh = await freshDatabase();
  const databaseUrl = options.databaseUrl ?? fresh.url;
  const database = openDatabase({ url: databaseUrl, poolSize: 4 });
  if (options.databaseUrl === undefined) await migrate(database.kysely);
  const asked: Asked = { expectations: [], actions: [], log: [], wakes: 0 };
  const stand: Stand = {
    expectation: { kind: 'registered', workflowId: 'tradevest:order:1' },
    operator: { kind: 'done' },
    notRunning: [],
  };
  const dependencies: OperationsDependencies = {
    messageSources: messageSourcesOf(PARTNERS),
    partners: PARTNERS.names,
    database: database.kysely,
    encryption: options.encryption ?? IN_CLEAR,
    referenceHashKey: REFERENCE_HASH_KEY,
    evidence: () => Promise.resolve(null),
    subjectFile: (workflowId, by) =>
      openSubjectFile(
        {
          database: database.kysely,
          encryption: options.encryption ?? IN_CLEAR,
          configured: { configuredPartners: [], receiver: { publicUrl: null } },
          flowLink: createFlowLink('http://ui.example', 'default'),
        },
        workflowId,
        by,
      ),
    tokens:
      options.tokens === undefined
        ? new Map([
            ['bob', 'token-of-bob'],
            ['alice', TOKEN],
          ])
        : options.tokens,
    flowLink: createFlowLink('http://ui.example', 'default'),
    judging: { precisions: { '*': '0.00000001' }, alertWindowMs: 60_000 },
    bodies: createBodyLimits(),
    ...standIn(asked, stand),
    operateMany: oneByOne(standIn(asked, stand).operate),
  };
  const server = await listen(dependencies, options.page);
  return {
    database,
    databaseUrl,
    url: server.url,
    asked,
    stand,
    dependencies,
    async call(method, path, { token = TOKEN, body, rawBody, headers = {} } = {}) {
      const reply = await request(`${server.url}${path}`, {
        method,
        headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers },
        body: rawBody ?? (body === undefined ? null : JSON.stringify(body)),
      });
      const text = await reply.body.text();
      const parsed: ReplyBody = JSON.parse(text === '' ? '{}' : text);
      return { status: reply.statusCode, headers: reply.headers, text, body: parsed };
    },
    async close() {
      await server.close();
      await database.close();
      await fresh.drop();
    },
  };
}

export interface GivenDelivery {
  readonly status?: DeliveryStatus;
  readonly outcome?: Outcome | null;
  readonly workflowId?: string | null;
  readonly partner?: 'tradevest' | 'coinify';
  readonly problem?: Problem;
  readonly receivedAt?: Date;
  readonly settledSecondsAgo?: number;
  readonly body?: Buffer;
  readonly headers?: readonly (readonly [string, string])[];
}

/** A delivery as the receiver appends it and dispatch settles it: the row and the counter in one transaction. */
export async function keep(database: Kysely<Tables>, given: GivenDelivery = {}): Promise<string> {
  const id = randomUUID();
  const body = given.body ?? Buffer.from('{}');
  const partner = given.partner ?? 'tradevest';
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('counters')
      .values({ name: 'received', partner, slot: 0, value: '1' })
      .onConflict((conflict) =>
        conflict
          .columns(['name', 'partner', 'slot'])
          .doUpdateSet(({ eb }) => ({ value: eb('counters.value', '+', '1') })),
      )
      .execute();
    await keepDelivery(transaction, {
      id,
      partner,
      route: '/webhooks/tradevest/digital-asset-order-notification',
      received_at: given.receivedAt ?? new Date(),
      headers: JSON.stringify(given.headers ?? [['Api-Key', '[redacted]']]),
      body,
      status: given.status ?? 'pending',
      outcome: given.outcome ?? null,
      workflow_id: given.workflowId ?? null,
      problem: given.problem === undefined ? null : JSON.stringify(given.problem),
      settled_at: given.status === undefined ? null : new Date(Date.now() - (given.settledSecondsAgo ?? 0) * 1000),
    });
  });
  return id;
}

/** The subject of an order that is open, where a test does not say otherwise. */
export const SUBJECT: Subject = {
  partner: 'tradevest',
  object: 'order',
  id: '1',
  lifecycle: 'order',
  state: 'FILLED',
  stateBy: 'partner',
  statesSeen: ['FILLED'],
  since: '2026-01-02T03:04:05.678Z',
  waitingFor: ['SETTLED'],
  dueAt: '2026-01-04T03:04:05.678Z',
  read: null,
  step: 0,
  tries: 0,
  overdue: false,
  finding: null,
  findings: [],
  filled: true,
  corrected: false,
  quantityRead: null,
  executions: [],
  reason: null,
  readHints: {},
  end: null,
  closedForGood: false,
};

/** A subject's row as a flow writes it; a lifecycle of its own for what is only recorded. */
export async function follow(
  database: Kysely<Tables>,
  workflowId: string,
  given: Partial<Subject> & { readonly as?: Subject['lifecycle'] } = {},
): Promise<void> {
  const { as, ...changed } = given;
  const subject: Subject = { ...SUBJECT, ...changed };
  await database
    .insertInto('subjects')
    .values({
      workflow_id: workflowId,
      lifecycle: as ?? subject.lifecycle,
      partner: subject.partner,
      object: subject.object,
      object_id: subject.id,
      state: subject.state,
      waiting_for: [...subject.waitingFor],
      since: new Date(subject.since),
      due_at: subject.dueAt === null ? null : new Date(subject.dueAt),
      overdue: subject.overdue,
      finding: subject.finding,
      open: subject.end === null,
      closed_for_good: subject.closedForGood,
      version: 1,
      subject: JSON.stringify(subject),
      as_of: new Date(),
    })
    .execute();
}

/** A row as dispatch writes it when it first signals a flow that has not written anything yet. */
export async function startFollowing(database: Kysely<Tables>, workflowId: string): Promise<void> {
  await database
    .insertInto('subjects')
    .values({
      workflow_id: workflowId,
      lifecycle: 'order',
      partner: 'tradevest',
      object: 'order',
      object_id: workflowId,
      open: true,
      as_of: new Date(),
    })
    .execute();
}
