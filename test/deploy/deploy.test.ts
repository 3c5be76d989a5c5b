import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { sql } from 'kysely';

import { createRunningCheck } from '../../src/operator/actions';
import { lifecycleTableOf } from '../support/partners';
import { type SubjectKey, workflowIdOf } from '../../src/domain/subject-key';
import { mapConcurrently } from '../../src/lib/concurrency';
import { readBalance } from '../../src/store/stats/balance';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';
import { bundleWith, type ChangedBundle, type Edit, WRITES_BEFORE_READING } from '../workflows/changed-bundle';
import { freshKey, object, says } from '../workflows/contents';
import { type Harness, openHarness } from '../workflows/harness';
import { type Ending, endingOf } from './endings';
import { releasedBundle, type ReleasedFlow, releasedFlows } from './released-flows';

const LAST_RELEASE = '0.2.0';
/** Of each wait point; more than two hundred flows in all. */
const EACH = 5;
/** For a machine that many share. */
const PATIENCE_MS = 240_000;
const LOOK_EVERY_MS = 500;
/** The same change as the planted one, made the way docs/deploying.md asks for. */
const PATCHED: readonly Edit[] = [
  {
    path: join('workflows', 'patches.ts'),
    from: 'PATCHES = {',
    to: "PATCHES = { 'write-first': { number: 999, date: '2026-11-29', release: '9.9.9', reason: 'written before it is read' },",
  },
  {
    path: join('workflows', 'interpreter.ts'),
    from: "  if (step.kind === 'read') return refresh(",
    to:
      "  if (state.goesNewWay('write-first') && hasUnwritten(state)) return writeRow(flow);\n" +
      "  if (step.kind === 'read') return refresh(",
  },
];
import { partnerflow } from '../support/partnerflow';

const flows = releasedFlows(LAST_RELEASE, EACH);
const byId = new Map(flows.map((flow) => [flow.key.id, flow]));
/** Orders that begin while versions change. */
const begun: SubjectKey[] = [];

let harness: Harness;
let folder: string;
let backend: Server;
let isStarterOfBefore = true;
let planted: ChangedBundle;
let patched: ChangedBundle;

/** Answers whether to confirm a plan, as the backend did in the recording. */
async function startBackend(): Promise<string> {
  backend = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { savingsPlanId }: { savingsPlanId: string } = JSON.parse(text);
      response.statusCode = byId.get(savingsPlanId)?.undecided === true ? 500 : 200;
      response.end(JSON.stringify({ confirm: true }));
    });
  });
  await new Promise<void>((done) => void backend.listen(0, '127.0.0.1', done));
  const address = backend.address();
  return `http://127.0.0.1:${String(address !== null && typeof address === 'object' ? address.port : 0)}/`;
}

beforeAll(async () => {
  const decisionUrl = await startBackend();
  planted = await bundleWith(WRITES_BEFORE_READING);
  patched = await bundleWith(...PATCHED);
  folder = mkdtempSync(join(tmpdir(), 'partnerflow-deploy-'));
  harness = await openHarness({
    partners: ['tradevest', 'bitpanda'],
    decisionMaker: { url: decisionUrl },
    confirm: () => Promise.resolve('confirmed'),
    startsAsBefore: () => isStarterOfBefore,
    // Flows carry the policy they were started with: those of the release carry the recorded one.
    throughFlows: (inner) => ({
      ...inner,
      signalWithStart: (address, notification) => {
        const policy = byId.get(address.key.id)?.policy ?? address.policy;
        return inner.signalWithStart({ ...address, policy }, notification);
      },
    }),
  });
}, PATIENCE_MS);

afterAll(async () => {
  await harness.close();
  await new Promise((closed) => backend.close(closed));
  for (const bundle of [planted, patched]) bundle.remove();
  rmSync(folder, { recursive: true });
});

/** Has the flow begin as it did: the same told, and reads that show the same, one after the other; the last stays. */
async function begin({ key, policy, told, readings }: ReleasedFlow): Promise<void> {
  const waiting = [...readings];
  harness.objects.set(key.id, () => (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? { kind: 'absent' });
  const table = lifecycleTableOf(key.partner, key.object);
  if (table === undefined) throw new Error(`no lifecycle of ${key.object}`);
  if (told.length === 0) {
    const expectedBy = new Date(Date.now() + 3_600_000).toISOString();
    await harness.dependencies.flows.startExpecting({ key, table, policy, stored: null }, { by: expectedBy });
  }
  for (const content of told) await harness.tell(key, content);
}

interface Row {
  readonly key: SubjectKey;
  readonly state: string | null;
  readonly waitingFor: readonly string[];
  readonly overdue: boolean;
  readonly open: boolean;
  /** Who ended it. */
  readonly by: string | null;
}

/**
 * Looks at the rows of flows until each is as it must be. Seldom, in one statement and without printing differences:
 * else looking would keep the workers from the processor.
 */
async function untilAll(keys: readonly SubjectKey[], isRight: (row: Row, index: number) => boolean): Promise<void> {
  await eventually(async () => {
    await new Promise((looked) => setTimeout(looked, LOOK_EVERY_MS));
    const all = await harness.database.kysely
      .selectFrom('subjects')
      .select(['workflow_id', 'state', 'waiting_for', 'overdue', 'open'])
      .select(sql<string | null>`subject->'end'->>'by'`.as('by'))
      .execute();
    const found = new Map(all.map((row) => [row.workflow_id, row]));
    const wrong = keys.flatMap((key, index) => {
      const row = found.get(workflowIdOf(key));
      if (row === undefined) return [`${workflowIdOf(key)} has no row`];
      const { state, waiting_for: waitingFor, overdue, open, by } = row;
      const seen = { key, state, waitingFor, overdue, open, by };
      return isRight(seen, index) ? [] : [JSON.stringify(seen)];
    });
    if (wrong.length > 0) throw new Error(`not yet as they must be:\n${wrong.join('\n')}`);
  }, PATIENCE_MS);
}

async function replayFromServer(
  bundlePath: string,
  filter = '',
): Promise<{ code: number | null; report: { replayed: number; failed: { workflowId: string; reason: string }[] } }> {
  const query = `TaskQueue = "${harness.taskQueue}"${filter}`;
  const words = ['replay', '--from-server', '--filter', query, '--bundle', bundlePath, '--json'];
  const { code, out } = await partnerflow(words, { TEMPORAL_ADDRESS: testServers().temporalAddress }, folder);
  return { code, report: JSON.parse(out) };
}

/** Some at each change of workers: every third flow of each wait point. */
async function endThird(third: number): Promise<void> {
  const due = flows.filter((_, index) => index % 3 === third);
  await mapConcurrently(due, 8, (flow) => endingOf(harness, flow).bring());
}

async function beginOrders(count: number): Promise<void> {
  for (const key of Array.from({ length: count }, () => freshKey('tradevest', 'order'))) {
    begun.push(key);
    harness.objects.set(key.id, () => object('FILLED', { quantityExecuted: true }));
    await harness.tell(key, says('order', 'PLACED'));
    await harness.tell(key, says('order', 'FILLED'));
  }
}

/** A read still under way would show what the object is settled to, and end the flow before its webhook does. */
async function untilBegunAreRead(): Promise<void> {
  await eventually(async () => {
    const rows = await harness.database.kysely
      .selectFrom('subjects')
      .select('workflow_id')
      .where('workflow_id', 'in', begun.map(workflowIdOf))
      .where('last_reading', 'is not', null)
      .execute();
    expect(rows).toHaveLength(begun.length);
  }, PATIENCE_MS);
}

async function settleBegun(): Promise<readonly Omit<Ending, 'bring'>[]> {
  await untilBegunAreRead();
  for (const key of begun) {
    harness.objects.set(key.id, () => object('SETTLED', { quantityExecuted: true }));
    await harness.tell(key, says('order', 'SETTLED'));
  }
  return begun.map((key) => ({ key, state: 'SETTLED', by: 'partner' as const }));
}

/** Starts workers on the code before it stops those they replace, one pair after the other. */
async function roll(
  running: readonly (() => Promise<void>)[],
  bundlePath: string,
  meanwhile: () => Promise<void>,
): Promise<readonly (() => Promise<void>)[]> {
  const next: (() => Promise<void>)[] = [];
  for (const stop of running) {
    await beginOrders(5);
    next.push(await harness.startWorkersOn(bundlePath));
    await Promise.all([stop(), meanwhile()]);
  }
  return next;
}

describe('a new version, while flows of the last release are open', () => {
  let running: readonly (() => Promise<void>)[];

  test(
    'more than two hundred stand where the release left them, at each of its wait points',
    async () => {
      expect(flows.length).toBeGreaterThanOrEqual(200);
      const release = join(folder, 'release.js');
      writeFileSync(release, releasedBundle(LAST_RELEASE));
      running = [await harness.startWorkersOn(release), await harness.startWorkersOn(release)];
      harness.startDispatch();
      await mapConcurrently(flows, 8, begin);
      await untilAll(
        flows.map(({ key }) => key),
        ({ state, waitingFor, overdue, open }, index) =>
          open && JSON.stringify({ state, waitingFor, overdue }) === JSON.stringify(flows[index]?.stood),
      );
    },
    2 * PATIENCE_MS,
  );

  test(
    'replay --from-server lets the present code pass',
    async () => {
      const { code, report } = await replayFromServer(testServers().workflowBundlePath);
      expect(report.failed).toEqual([]);
      expect([code, report.replayed]).toEqual([0, flows.length]);
    },
    2 * PATIENCE_MS,
  );

  test(
    'replay --from-server stops a planted change and names the flows it would stop; behind a patch the same change passes',
    async () => {
      const orders = ' AND WorkflowType = "order"';
      const { code, report } = await replayFromServer(planted.path, orders);
      expect(code).toBe(1);
      const stopped = new Set(report.failed.map(({ workflowId }) => workflowId));
      const ids = (name: string) =>
        flows.filter((flow) => flow.name === `order.${name}`).map(({ key }) => workflowIdOf(key));
      for (const id of ids('partially-filled-twice')) expect(stopped).toContain(id);
      for (const id of ids('placed-waits-for-fill')) expect(stopped).not.toContain(id);
      expect(report.failed[0]?.reason).toBe(
        'its history has the activity readObject, where the new code calls writeSubject',
      );
      expect(await replayFromServer(patched.path, orders)).toMatchObject({ code: 0, report: { failed: [] } });
    },
    2 * PATIENCE_MS,
  );

  test(
    'workers are replaced one by one, by the present code and by a patched one, while webhooks go on arriving, and every flow ends as it must',
    async () => {
      const [first = [], second = []] = [[0, 1], [2]].map((thirds) => [...thirds]);
      const endNext = (thirds: number[]) => async (): Promise<void> => {
        const third = thirds.shift();
        if (third !== undefined) await endThird(third);
      };
      running = await roll(running, testServers().workflowBundlePath, endNext(first));
      // Receivers come after workers: from now on those start flows that name the patches they know.
      isStarterOfBefore = false;
      running = await roll(running, patched.path, endNext(second));
      const endings = [...flows.map((flow) => endingOf(harness, flow)), ...(await settleBegun())];
      await untilAll(
        endings.map(({ key }) => key),
        ({ state, open, by }, index) => !open && state === endings[index]?.state && by === endings[index].by,
      );
      const balance = await readBalance(harness.database.kysely, createRunningCheck(harness.client));
      expect(balance).toMatchObject({ pending: 0, parked: 0, open: 0, abandoned: 0, openWithoutFlow: 0 });
    },
    2 * PATIENCE_MS,
  );
});
