import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Client, Connection } from '@temporalio/client';
import { request } from 'undici';

import { freePort } from '../../src/development/ports';
import { createRunningCheck } from '../../src/operator/actions';
import { PARTNERS } from '../../src/partners';
import { type Balance, readBalance } from '../../src/store/stats/balance';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { testServers } from '../support/servers';
import { type PartnerStub, startPartnerStub, variablesOf } from './partner-stub';

/** A part of partnerflow in a process of its own. */
export interface Part {
  /** `kill -9`, while it may be in the middle of anything. */
  kill(): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  end(): Promise<number | null>;
}

/** A database of its own, a stub of both partners, and the parts of partnerflow as processes. */
export interface System {
  readonly url: string;
  readonly databaseUrl: string;
  readonly database: Database;
  readonly client: Client;
  readonly taskQueue: string;
  readonly partners: PartnerStub;
  /** Starts a receiver; resolves when it answers. */
  receive(more?: Readonly<Record<string, string>>): Promise<Part>;
  /** Starts a dispatcher that is a process of its own. */
  dispatch(more?: Readonly<Record<string, string>>): Part;
  /** With other variables than the rest of the system where they are given. */
  work(more?: Readonly<Record<string, string>>): Part;
  /** Starts another receiver, on a port that nobody knows: it dispatches and sends beside the first. */
  receiveElsewhere(): Part;
  balance(): Promise<Balance>;
  /** Ends what still runs. */
  close(): Promise<void>;
}

export interface SystemOptions {
  /** Further variables of the processes, by the address of the partners' stub. */
  readonly environmentOf?: (partnersUrl: string) => Readonly<Record<string, string>>;
  readonly temporalAddress?: string;
  readonly namespace?: string;
  /** An empty database on a PostgreSQL of the test's own, which it may kill. */
  readonly ownDatabaseUrl?: string;
  /** Is given every line that the processes log; absent: they log nowhere. */
  readonly onLine?: (line: string) => void;
}

type Command = 'receive' | 'dispatch' | 'work';

const CLI = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');
/** A part must not outlive a test run that was killed: it ends when the pipe to its parent closes. Threads inherit it, and have no such pipe. */
const ENDS_WITH_PARENT =
  "data:text/javascript,import{isMainThread}from'node:worker_threads';" +
  "if(isMainThread)process.stdin.on('close',()=>process.exit()).resume().unref()";

function startPart(
  command: Command,
  environment: Readonly<Record<string, string>>,
  onLine?: (line: string) => void,
): Part {
  const child: ChildProcess = spawn(process.execPath, ['--import', ENDS_WITH_PARENT, CLI, command], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['pipe', onLine === undefined ? 'ignore' : 'pipe', 'inherit'],
  });
  if (onLine !== undefined && child.stdout !== null) createInterface({ input: child.stdout }).on('line', onLine);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    end: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

function environmentOf(
  databaseUrl: string,
  partners: PartnerStub,
  port: number,
  taskQueue: string,
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    TEMPORAL_TASK_QUEUE: taskQueue,
    RECEIVER_PORT: String(port),
    LOG_LEVEL: 'silent',
    ...variablesOf(partners),
  };
}

async function lives(url: string): Promise<void> {
  const { statusCode, body } = await request(`${url}/health/live`);
  await body.dump();
  if (statusCode !== 200) throw new Error(`the receiver answers ${String(statusCode)}`);
}

/** Schedules outlive the workers that made them, and would go on asking a partner that is gone. */
async function deleteSweeps(client: Client, taskQueue: string): Promise<void> {
  for (const partner of PARTNERS.names) {
    const schedule = client.schedule.getHandle(`${taskQueue}-sweep-${partner}`);
    await client.withDeadline(Date.now() + 2_000, () => schedule.delete()).catch(() => undefined);
  }
}

function databaseFor({ ownDatabaseUrl: url }: SystemOptions): Promise<FreshDatabase> {
  return url === undefined ? freshDatabase() : Promise.resolve({ url, drop: () => Promise.resolve() });
}

export async function openSystem(options: SystemOptions = {}): Promise<System> {
  const address = options.temporalAddress ?? testServers().temporalAddress;
  const namespace = options.namespace ?? 'default';
  const [fresh, partners, port] = await Promise.all([databaseFor(options), startPartnerStub(), freePort()]);
  const database = openDatabase({ url: fresh.url, poolSize: 5 });
  await migrate(database.kysely);
  const taskQueue = `test-${randomUUID()}`;
  const connection = Connection.lazy({ address });
  const client = new Client({ connection, namespace });
  const environment = {
    ...environmentOf(fresh.url, partners, port, taskQueue),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    ...options.environmentOf?.(partners.url),
  };
  const url = `http://127.0.0.1:${String(port)}`;
  const parts: Part[] = [];
  const start = (command: Command, more: Readonly<Record<string, string>> = {}): Part => {
    const part = startPart(command, { ...environment, ...more }, options.onLine);
    parts.push(part);
    return part;
  };
  return {
    url,
    databaseUrl: fresh.url,
    database,
    client,
    taskQueue,
    partners,
    receive: async (more) => {
      const part = start('receive', more);
      await eventually(() => lives(url));
      return part;
    },
    dispatch: (more) => start('dispatch', more),
    work: (more) => start('work', more),
    receiveElsewhere: () => start('receive', { RECEIVER_PORT: '0' }),
    balance: () => readBalance(database.kysely, createRunningCheck(client)),
    close: async () => {
      await Promise.all(parts.map((part) => part.kill()));
      await deleteSweeps(client, taskQueue);
      await Promise.all([connection.close(), database.close(), partners.close()]);
      await fresh.drop();
    },
  };
}

/** How many deliveries have which outcome, or which status where they have none. */
export async function countOutcomes({ database }: System): Promise<Readonly<Record<string, number>>> {
  const rows = await database.kysely
    .selectFrom('deliveries')
    .select(['status', 'outcome', ({ fn }) => fn.countAll<string>().as('count')])
    .groupBy(['status', 'outcome'])
    .execute();
  return Object.fromEntries(rows.map(({ status, outcome, count }) => [outcome ?? status, Number(count)]));
}

/** Each delivery's outcome by its id. */
export async function outcomeOf({ database }: System, deliveryId: string): Promise<string | null> {
  const row = await database.kysely
    .selectFrom('deliveries')
    .select('outcome')
    .where('id', '=', deliveryId)
    .executeTakeFirst();
  return row?.outcome ?? null;
}
