import { randomUUID } from 'node:crypto';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { newSubject } from '../../src/domain/lifecycles/rules';
import type { SubjectWrite } from '../../src/domain/subject-write';
import { tradevestOrder } from '../../src/partners/tradevest/lifecycles/order';
import { type Database, openDatabase } from '../../src/store/database';
import { writeSubject } from '../../src/store/flows/subjects';
import { migrate } from '../../src/store/migrate';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { keepDelivery } from '../support/keep-delivery';

const POLICY = createPolicies(DEFAULT_POLICY_SETTINGS, 1).policyOf(tradevestOrder);
const NOW = '2026-11-30T12:00:00.000Z';

describe('writes of a subject by a run whose workflow task is done again', () => {
  let fresh: FreshDatabase;
  let database: Database;
  let id: string;
  beforeAll(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ url: fresh.url, poolSize: 2 });
    await migrate(database.kysely);
  });
  afterAll(async () => {
    await database.close();
    await fresh.drop();
  });
  beforeEach(() => {
    id = randomUUID();
  });

  interface Given {
    readonly runId: string;
    readonly number: number;
    readonly heard?: number;
    readonly version: number;
    readonly state: string;
    readonly deliveries?: readonly string[];
  }

  function writeOf({ runId, number, heard, version, state, deliveries = [] }: Given): SubjectWrite {
    const subject = { ...newSubject({ table: tradevestOrder, policy: POLICY }, id, NOW, null), state };
    return {
      workflowId: `tradevest:order:${id}`,
      runId,
      writeId: [runId, number, ...(heard === undefined ? [] : [heard])].join(':'),
      ...(heard === undefined ? {} : { heard }),
      expectedVersion: version,
      firstOfRun: false,
      subject,
      outcomes: deliveries.map((deliveryId) => ({ deliveryId, event: 'TEST', outcome: 'applied' })),
      recovered: 0,
      alerts: [],
    };
  }

  const write = (given: Given) => writeSubject(database.kysely, writeOf(given), 60_000);

  async function stored(): Promise<{ state: string | null; version: number }> {
    return database.kysely
      .selectFrom('subjects')
      .select(['state', 'version'])
      .where('workflow_id', '=', `tradevest:order:${id}`)
      .executeTakeFirstOrThrow();
  }

  function keep(): Promise<string> {
    return keepDelivery(database.kysely, { partner: 'tradevest', body: Buffer.from('x'), status: 'delivered' });
  }

  async function outcomeOf(deliveryId: string): Promise<string | null> {
    const { outcome } = await database.kysely
      .selectFrom('deliveries')
      .select('outcome')
      .where('id', '=', deliveryId)
      .executeTakeFirstOrThrow();
    return outcome;
  }

  it('go over the row that the failed task had written, with the outcomes of what has come since', async () => {
    const [first, second] = [await keep(), await keep()];
    const run = { runId: randomUUID(), number: 1, version: 0 };
    await write({ ...run, heard: 1, state: 'PLACED', deliveries: [first] });
    const again = await write({ ...run, heard: 2, state: 'FILLED', deliveries: [first, second] });
    expect(again).toEqual({ kind: 'written', version: 2 });
    expect(await stored()).toEqual({ state: 'FILLED', version: 2 });
    expect([await outcomeOf(first), await outcomeOf(second)]).toEqual(['applied', 'applied']);
  });

  it('that come late, from a worker that was slow, leave the newer row, and are answered with its version', async () => {
    const run = { runId: randomUUID(), version: 0 };
    await write({ ...run, number: 1, heard: 3, state: 'FILLED' });
    const late = await write({ ...run, number: 1, heard: 2, state: 'PLACED' });
    expect(late).toEqual({ kind: 'written', version: 1 });
    expect(await stored()).toEqual({ state: 'FILLED', version: 1 });
  });

  it('settle a delivery whose outcome is known before dispatch has recorded it, with its tries', async () => {
    const delivery = await keepDelivery(database.kysely, { partner: 'tradevest', body: Buffer.from('x'), status: 'pending' }); // prettier-ignore
    await database.kysely.updateTable('delivery_queue').set({ attempts: 2 }).execute();
    await write({ runId: 'a', number: 1, heard: 1, version: 0, state: 'PLACED', deliveries: [delivery] });
    const row = await database.kysely
      .selectFrom('deliveries')
      .select(['status', 'outcome', 'attempts', 'settled_at'])
      .where('id', '=', delivery)
      .executeTakeFirstOrThrow();
    expect(row).toMatchObject({ status: 'delivered', outcome: 'applied', attempts: 2 });
    expect(row.settled_at).toBeInstanceOf(Date);
  });

  it('that hold another order of as many things lose no outcome', async () => {
    const [first, second] = [await keep(), await keep()];
    const run = { runId: randomUUID(), number: 1, heard: 2, version: 0 };
    await write({ ...run, state: 'FILLED', deliveries: [first] });
    await write({ ...run, state: 'FILLED', deliveries: [first, second] });
    expect(await outcomeOf(second)).toBe('applied');
  });

  it('are a conflict where another run has written the row, and write no outcome', async () => {
    const delivery = await keep();
    const other = randomUUID();
    await write({ runId: other, number: 1, heard: 9, version: 0, state: 'FILLED' });
    const result = await write({
      ...{ runId: randomUUID(), number: 1, heard: 1, version: 0 },
      ...{ state: 'PLACED', deliveries: [delivery] },
    });
    expect(result).toMatchObject({ kind: 'conflict', writeId: `${other}:1:9`, stored: { version: 1 } });
    expect(await stored()).toEqual({ state: 'FILLED', version: 1 });
    expect(await outcomeOf(delivery)).toBeNull();
  });

  it('of a flow that began before are recognised by their id alone', async () => {
    const run = { runId: randomUUID(), version: 0 };
    await write({ ...run, number: 1, state: 'PLACED' });
    expect(await write({ ...run, number: 1, state: 'PLACED' })).toEqual({ kind: 'written', version: 1 });
    expect(await write({ ...run, number: 2, state: 'FILLED' })).toMatchObject({ kind: 'conflict' });
    expect(await stored()).toEqual({ state: 'PLACED', version: 1 });
  });
});
