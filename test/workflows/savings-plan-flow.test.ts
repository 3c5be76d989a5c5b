import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { workflowIdOf } from '../../src/domain/subject-key';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { ended, freshKey, object, planSays, upcoming } from './contents';
import { type Harness, openHarness, outcomes, rowOf } from './harness';
import { startServerOfShortHistories, SUGGESTED_AT } from './short-histories';

const DAY_MS = 86_400_000;
/** How long before its deadline a recurrence is announced; the alert is due three seconds before it. */
const LEFT_MS = 8_000;
const RECURRENCES = 30;

const POLICIES = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    alertWindow: 'PT0.001S',
    due: { 'bitpanda:savings-plan': { 'confirmation margin': 'PT3S', 'recurrence end': 'PT1H' } },
  },
  1,
);

type Fate = 'usual' | 'told twice' | 'announcement lost' | 'no answer' | 'too late' | 'refused';
const FATES: readonly Fate[] = ['usual', 'told twice', 'announcement lost', 'no answer', 'too late', 'refused'];

function fateOf(transactionId: string): Fate {
  return FATES[Number(transactionId.slice(1)) % FATES.length] ?? 'usual';
}

/** Our backend: says yes, except where it fails. */
async function startBackend(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const question: { readonly transactionId: string } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
      const fails = fateOf(question.transactionId) === 'no answer';
      response.writeHead(fails ? 500 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ confirm: true }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const isAddress = (given: typeof address): given is AddressInfo => given !== null && typeof given === 'object';
  if (!isAddress(address)) throw new Error('the backend has no port');
  return { url: `http://127.0.0.1:${String(address.port)}/decide`, server };
}

describe('a savings plan’s flow on real servers', () => {
  let temporal: Awaited<ReturnType<typeof startServerOfShortHistories>>;
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let harness: Harness;
  const confirmed: { readonly transactionId: string; readonly atMs: number }[] = [];

  beforeAll(async () => {
    temporal = await startServerOfShortHistories();
    backend = await startBackend();
    harness = await openHarness({
      address: temporal.address,
      policies: POLICIES,
      partners: ['bitpanda'],
      decisionMaker: { url: backend.url },
      confirm: (transactionId) => {
        if (fateOf(transactionId) === 'refused') return Promise.resolve('not confirmed');
        confirmed.push({ transactionId, atMs: Date.now() });
        return Promise.resolve('confirmed');
      },
    });
    await harness.startWorkers();
    harness.startDispatch();
  });
  afterAll(async () => {
    await harness.close();
    backend.server.close();
    await temporal.stop();
  });

  test('thirty recurrences, some lost, late or refused: each confirmed in time or alerted before, across many runs', async () => {
    const plan = freshKey('bitpanda', 'savings-plan');
    harness.objects.set(plan.id, () => object('active'));
    const deadlines = new Map<string, number>();
    const nextMs = 7 * DAY_MS;

    const announce = async (transactionId: string): Promise<void> => {
      const fate = fateOf(transactionId);
      if (fate === 'announcement lost') return;
      const news = upcoming(transactionId, fate === 'too late' ? -1_000 : LEFT_MS, nextMs);
      if (news.kind === 'upcoming') deadlines.set(transactionId, Date.parse(news.deadline));
      await harness.tell(plan, planSays(news));
      if (fate === 'told twice') await harness.tell(plan, planSays(news));
    };
    const live = async (transactionId: string): Promise<void> => {
      await announce(transactionId);
      const fate = fateOf(transactionId);
      const isConfirmed = fate === 'usual' || fate === 'told twice';
      if (isConfirmed) {
        await eventually(() => {
          expect(confirmed.map((one) => one.transactionId)).toContain(transactionId);
        });
      } else if (fate !== 'announcement lost') {
        await new Promise((resolve) => setTimeout(resolve, LEFT_MS + 500));
      }
      const isDone = isConfirmed || fate === 'announcement lost';
      await harness.tell(plan, planSays(ended(transactionId, isDone ? 'finished' : 'not_confirmed')));
    };

    const ids = Array.from({ length: RECURRENCES }, (_, index) => `r${String(index)}`);
    const lives: Promise<void>[] = [];
    for (const id of ids) {
      lives.push(live(id));
      await new Promise((resolve) => setTimeout(resolve, 350));
    }
    await Promise.all(lives);
    await eventually(async () => {
      const told = await outcomes(harness);
      expect(told.filter((outcome) => outcome === 'pending' || outcome === 'delivered')).toEqual([]);
      const recurrences = (await rowOf(harness, plan)).subject?.recurrences ?? [];
      expect(recurrences.filter(({ final }) => final)).toHaveLength(RECURRENCES);
    });

    // Every delivery has an outcome, and only the second telling of an announcement was nothing new.
    const told = await outcomes(harness);
    const twice = ids.filter((id) => fateOf(id) === 'told twice');
    expect(told.filter((outcome) => outcome === 'repeated')).toHaveLength(twice.length);
    expect(told.filter((outcome) => outcome !== 'repeated' && outcome !== 'applied')).toEqual([]);

    // Confirmed once and before its deadline, or not at all.
    expect(confirmed.map(({ transactionId }) => transactionId).sort()).toEqual(
      ids.filter((id) => ['usual', 'told twice'].includes(fateOf(id))).sort(),
    );
    expect(confirmed.filter(({ transactionId, atMs }) => atMs >= (deadlines.get(transactionId) ?? 0))).toEqual([]);

    // What could not be confirmed was alerted before its deadline; what came too late was said to be.
    const alerts = await (
      await withFoldedAlerts(harness.database.kysely)
    )
      .selectFrom('alerts')
      .selectAll()
      .orderBy('window_start')
      .execute();
    const endangered = ids
      .filter((id) => ['no answer', 'refused'].includes(fateOf(id)))
      .map((id) => deadlines.get(id) ?? 0)
      .sort((a, b) => a - b);
    const unconfirmed = alerts.filter(({ finding }) => finding === 'unconfirmed');
    expect(unconfirmed.reduce((sum, { count }) => sum + count, 0)).toBe(endangered.length);
    const alertedMs = unconfirmed.flatMap(({ count, window_start: at }) => Array<number>(count).fill(at.getTime()));
    expect(alertedMs.filter((atMs, index) => atMs >= Number(endangered[index]))).toEqual([]);
    const tooLate = alerts.filter(({ finding }) => finding === 'too-late');
    expect(tooLate.reduce((sum, { count }) => sum + count, 0)).toBe(
      ids.filter((id) => fateOf(id) === 'too late').length,
    );

    // The plan goes on in the newest of several runs, none of them much longer than the server asks for.
    const query = `WorkflowId = "${workflowIdOf(plan)}"`;
    await eventually(async () => {
      const lengths: number[] = [];
      for await (const run of harness.client.workflow.list({ query })) lengths.push(run.historyLength);
      expect(lengths.length).toBeGreaterThan(2);
      expect(Math.max(...lengths)).toBeLessThan(2 * SUGGESTED_AT);
    });
    expect(await rowOf(harness, plan)).toMatchObject({ open: true, overdue: false, waiting_for: ['upcoming'] });
  });

  test('auto-cancel ends it for good, and an upcoming one after that is late and confirms nothing', async () => {
    const plan = freshKey('bitpanda', 'savings-plan');
    await harness.tell(plan, planSays(upcoming('r600', LEFT_MS, 7 * DAY_MS)));
    await eventually(async () => {
      const row = await rowOf(harness, plan);
      expect(row.subject?.recurrences).toMatchObject([{ transactionId: 'r600', decision: 'confirm' }]);
      expect(row.waiting_for).toEqual(['finished', 'not_confirmed']);
    });
    await harness.tell(plan, planSays({ kind: 'auto-cancel', reason: 'delisting' }));
    await eventually(async () => expect(await rowOf(harness, plan)).toMatchObject({ state: 'canceled', open: true }));
    await harness.tell(plan, planSays(ended('r600', 'finished')));
    await eventually(async () =>
      expect(await rowOf(harness, plan)).toMatchObject({ open: false, closed_for_good: true }),
    );
    const before = (await outcomes(harness)).length;
    await harness.tell(plan, planSays(upcoming('r606', LEFT_MS, 7 * DAY_MS)));
    await eventually(async () => expect((await outcomes(harness))[before]).toBe('late'));
    expect(confirmed.map(({ transactionId }) => transactionId)).not.toContain('r606');
  });
});
