import type { NotificationContent } from '../../src/domain/notification';
import type { SubjectKey } from '../../src/domain/subject-key';
import { workflowIdOf } from '../../src/domain/subject-key';
import { eventually } from '../support/eventually';
import { freshKey, object, planSays, says, upcoming } from '../workflows/contents';
import { type Harness, openHarness, rowOf } from '../workflows/harness';
import { numberAll } from '../support/number-messages';
import { wantOutcomes } from './waiting';

const HOUR_MS = 3_600_000;
const PATIENCE_MS = 45_000;

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness({
    partners: ['tradevest', 'bitpanda'],
    decisionMaker: 'auto',
    confirm: () => Promise.resolve('confirmed'),
  });
  await wantOutcomes(harness.database.kysely);
  await harness.startWorkers();
  harness.startDispatch();
}, 60_000);
afterAll(() => harness.close());

/** What is told of a subject, oldest first. */
async function toldOf(key: SubjectKey): Promise<readonly { type: string; data: Record<string, unknown> }[]> {
  await numberAll(harness.database.kysely);
  const rows = await harness.database.kysely
    .selectFrom('outbox')
    .select('body')
    .where('subject', '=', workflowIdOf(key))
    .orderBy('position')
    .execute();
  return rows.map(({ body }) => JSON.parse(body));
}

async function tell(key: SubjectKey, ...contents: readonly NotificationContent[]): Promise<void> {
  for (const content of contents) await harness.tell(key, content);
}

test('a transfer is told to be done once a read agrees, with what is known of it, and once', async () => {
  const key = freshKey('tradevest', 'transfer');
  harness.objects.set(key.id, () => object('PROCESSED'));
  const facts = { customerId: 'c-1' };
  await tell(key, says('transfer', 'PROCESSED', { facts }), says('transfer', 'PROCESSED', { facts }));
  await eventually(async () => expect(await rowOf(harness, key)).toMatchObject({ open: false }), PATIENCE_MS);
  const [told, ...more] = await toldOf(key);
  expect(told).toMatchObject({
    type: 'transfer.done',
    data: { workflowId: workflowIdOf(key), objectId: key.id, state: 'PROCESSED', facts },
  });
  expect(more).toEqual([]);
}, 60_000);

test('a transfer that was rejected is no outcome', async () => {
  const key = freshKey('tradevest', 'transfer');
  await tell(key, says('transfer', 'REJECTED'));
  await eventually(async () => expect(await rowOf(harness, key)).toMatchObject({ open: false }), PATIENCE_MS);
  expect(await toldOf(key)).toEqual([]);
}, 60_000);

test('each confirmation of a savings plan is told when the partner has taken it', async () => {
  const key = freshKey('bitpanda', 'savings-plan');
  harness.objects.set(key.id, () => object('active'));
  await tell(key, planSays(upcoming('r1', HOUR_MS, 24 * HOUR_MS)), planSays(upcoming('r2', 2 * HOUR_MS, 48 * HOUR_MS)));
  await eventually(async () => {
    const told = (await toldOf(key)).map(({ type, data }) => [type, data.transactionId, data.amount]).sort();
    expect(told).toEqual([
      ['plan.confirmed', 'r1', '25'],
      ['plan.confirmed', 'r2', '25'],
    ]);
  }, PATIENCE_MS);
}, 60_000);
