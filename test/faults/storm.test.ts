import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import { mapConcurrently } from '../../src/lib/concurrency';
import { type MovementSystem, openMovementSystem, paramsOf } from '../corporate-actions/movements';
import { eventually } from '../support/eventually';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import type { Part } from './system';

jest.setTimeout(600_000);

/** Holders of the one corporate action; `PARTNERFLOW_STORM_HOLDERS` for more. */
const HOLDERS = Number(process.env.PARTNERFLOW_STORM_HOLDERS ?? 1_000);
const SENDERS = 24;
const KILLS = 10;
const PATIENCE_MS = 240_000;
const SEED = Number(process.env.PARTNERFLOW_SEED ?? Date.now() % 1_000_000);

/** A small generator of its own, so that the moments of a run can be repeated. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

interface HolderOf {
  readonly userId: string;
  readonly events: readonly Record<string, unknown>[];
  readonly verdict: string;
}

/** Of a hundred holders one lost its new share, one held too little for one, and one got it twice; all others are complete. */
function holderOf(caId: string, index: number): HolderOf {
  const userId = randomUUID();
  const isDust = index % 100 === 97;
  const old = isDust ? '0.00000001' : `${2 * (index + 1)}`;
  const [out, back] = [paramsOf({ caId, userId, amount: `-${old}` }), paramsOf({ caId, userId, amount: old })];
  const received = paramsOf({ caId, userId, asset: 1479, amount: `${index + 1}` });
  if (isDust) return { userId, events: [out, back], verdict: 'new-share-too-small' };
  if (index % 100 === 98) return { userId, events: [out, back], verdict: 'break' };
  if (index % 100 === 99)
    return { userId, events: [out, back, received, { ...received, id: randomUUID() }], verdict: 'break' };
  return { userId, events: index % 2 === 0 ? [out, back, received] : [received, out, back, out], verdict: 'complete' };
}

const caId = randomUUID();
const holders = Array.from({ length: HOLDERS }, (_, index) => holderOf(caId, index));
const folder = mkdtempSync(join(tmpdir(), 'partnerflow-storm-'));
const parts: { worker: Part | null; receiver: Part | null; dispatcher: Part | null } = {
  ...{ worker: null, receiver: null, dispatcher: null },
};
let postgres: OwnPostgres;
let temporal: RunningTemporal;
let system: MovementSystem;

function startServer(port?: number): Promise<RunningTemporal> {
  const databaseFile = join(folder, 'temporal.db');
  return startTemporal({ withUi: false, databaseFile, ...(port === undefined ? {} : { port }) });
}

beforeAll(async () => {
  [postgres, temporal] = await Promise.all([startOwnPostgres(), startServer()]);
  const connection = await connectionOf(temporal.address);
  await setUpOn(connection, 'default');
  await connection.close();
  system = await openMovementSystem('PT2S', { temporalAddress: temporal.address, ownDatabaseUrl: postgres.url });
  system.partners.events = [];
  parts.receiver = await system.receive();
  parts.dispatcher = system.dispatch();
  parts.worker = system.work();
});

afterAll(async () => {
  await system.close();
  await temporal.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The processes of the server at this port, without the shell that guards it. */
function processesAt(port: string): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).trim().split('\n');
  const own = lines.filter((line) => line.includes(`--port ${port} `) && !line.includes('/bin/sh'));
  return own.map((line) => Number(line.trim().split(' ')[0]));
}

const KILLERS = [
  async () => {
    await parts.worker?.kill();
    parts.worker = system.work();
  },
  async () => {
    await parts.dispatcher?.kill();
    parts.dispatcher = system.dispatch();
  },
  async () => {
    await parts.receiver?.kill();
    parts.receiver = await system.receive();
  },
  () => postgres.killAndRestart(),
  async () => {
    const port = temporal.address.split(':')[1] ?? '';
    for (const pid of processesAt(port)) process.kill(pid, 'SIGKILL');
    await temporal.stop();
    temporal = await startServer(Number(port));
  },
] as const;

async function killEverything(random: () => number): Promise<void> {
  for (let kill = 0; kill < KILLS; kill += 1) {
    await delay(500 + 1_500 * random());
    await KILLERS[kill % KILLERS.length]?.();
  }
}

/** As a partner does: what was not acknowledged is sent again. */
async function postUntilKept(params: object): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await system.post(params);
      return;
    } catch (error) {
      if (tries > 600) throw error;
      await delay(100);
    }
  }
}

test(`a storm of ${String(HOLDERS)} holders, while dispatcher, worker, receiver and both servers are killed: booked once, judged as without`, async () => {
  console.log(`seed ${String(SEED)}`);
  const posting = mapConcurrently(holders, SENDERS, async ({ events }) => {
    for (const event of events) await postUntilKept(event);
  });
  await Promise.all([posting, killEverything(randomFrom(SEED))]);

  const { kysely } = system.database;
  const expected = holders
    .flatMap(({ userId, events }) => [
      ...new Map(events.map((one) => [one.id, `${userId} ${String(one.id)} ${String(one.asset_amount)}`])).values(),
    ])
    .sort();
  await eventually(async () => {
    const rows = await kysely.selectFrom('movements').select(['user_id', 'transaction_id', 'amount']).execute();
    const booked = rows.map(({ user_id, transaction_id, amount }) => `${user_id} ${transaction_id} ${amount}`);
    expect(booked.sort()).toEqual(expected);
  }, PATIENCE_MS);
  await eventually(async () => {
    const sets = await kysely.selectFrom('transaction_sets').select(['user_id', 'verdict']).execute();
    const verdicts = new Map(sets.map(({ user_id, verdict }) => [user_id, verdict]));
    const wrong = holders.filter(({ userId, verdict }) => verdicts.get(userId) !== verdict);
    expect(wrong.map(({ userId, verdict }) => [verdict, verdicts.get(userId)])).toEqual([]);
  }, PATIENCE_MS);
  await eventually(async () => {
    const open = await kysely.selectFrom('subjects').select('object_id').where('open', '=', true).execute();
    const broken = holders.filter(({ verdict }) => verdict === 'break').map(({ userId }) => `${caId}:${userId}`);
    expect(open.map(({ object_id }) => object_id).sort()).toEqual(broken.sort());
  }, PATIENCE_MS);
  const balance = await system.balance();
  expect(balance).toMatchObject({ pending: 0, parked: 0, open: 0, illegal: 0, balanced: true });
  expect(balance.applied).toBe(expected.length);
  const workflows = await system.client.workflow.count(`WorkflowType = "corporateAction"`);
  expect(workflows.count).toBeLessThanOrEqual(2);
});
