import { type Api, keep, openApi } from './harness';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.database.kysely.deleteFrom('deliveries').execute();
  await api.database.kysely.deleteFrom('counters').execute();
  api.stand.notRunning = [];
});

async function balance() {
  const { status, body } = await api.call('GET', '/operations/balance');
  expect(status).toBe(200);
  return body;
}

async function keepOneOfEach(): Promise<void> {
  const { kysely } = api.database;
  await keep(kysely);
  await keep(kysely, { status: 'duplicate' });
  await keep(kysely, { status: 'parked', problem: { path: 'a', expected: 'b', found: 'c' } });
  await keep(kysely, { status: 'delivered', workflowId: 'tradevest:order:1' });
  for (const outcome of ['applied', 'repeated', 'late', 'illegal', 'abandoned'] as const) {
    await keep(kysely, { status: 'delivered', outcome, workflowId: 'tradevest:order:1' });
  }
}

describe('the balance', () => {
  it('is zeros and balanced before anything has come', async () => {
    expect(await balance()).toEqual({
      received: 0,
      pending: 0,
      duplicate: 0,
      parked: 0,
      delivered: 0,
      open: 0,
      applied: 0,
      repeated: 0,
      late: 0,
      illegal: 0,
      abandoned: 0,
      rejected: 0,
      recovered: 0,
      openWithoutFlow: 0,
      balanced: true,
    });
  });

  it('counts every delivery once by status and once by outcome', async () => {
    await keepOneOfEach();
    expect(await balance()).toMatchObject({
      received: 9,
      pending: 1,
      duplicate: 1,
      parked: 1,
      delivered: 6,
      open: 1,
      applied: 1,
      repeated: 1,
      late: 1,
      illegal: 1,
      abandoned: 1,
      balanced: true,
    });
  });

  it('adds up the slots and partners of its counters, and shows rejected and recovered beside it', async () => {
    await api.database.kysely
      .insertInto('counters')
      .values([
        { name: 'rejected', partner: 'tradevest', slot: 0, value: '2' },
        { name: 'rejected', partner: 'coinify', slot: 1, value: '3' },
        { name: 'recovered', partner: 'coinify', slot: 0, value: '4' },
      ])
      .execute();
    expect(await balance()).toMatchObject({ received: 0, rejected: 5, recovered: 4, balanced: true });
  });

  it('is not balanced once a row has vanished', async () => {
    await keepOneOfEach();
    await api.database.kysely.deleteFrom('deliveries').where('status', '=', 'duplicate').execute();
    expect(await balance()).toMatchObject({ received: 9, duplicate: 0, balanced: false });
  });

  it('is not balanced where a row appeared that nobody received', async () => {
    await keepOneOfEach();
    await api.database.kysely.updateTable('counters').set({ value: '8' }).where('name', '=', 'received').execute();
    expect(await balance()).toMatchObject({ received: 8, balanced: false });
  });

  it('is not balanced while an open delivery has no running flow', async () => {
    await keep(api.database.kysely, { status: 'delivered', workflowId: 'tradevest:order:1', settledSecondsAgo: 60 });
    await keep(api.database.kysely, { status: 'delivered', workflowId: 'tradevest:order:2', settledSecondsAgo: 60 });
    api.stand.notRunning = ['tradevest:order:2'];
    expect(await balance()).toMatchObject({ open: 2, openWithoutFlow: 1, balanced: false });
    api.stand.notRunning = [];
    expect(await balance()).toMatchObject({ open: 2, openWithoutFlow: 0, balanced: true });
  });

  it('does not yet ask about an open delivery whose flow was signalled a moment ago', async () => {
    await keep(api.database.kysely, { status: 'delivered', workflowId: 'tradevest:order:1', settledSecondsAgo: 1 });
    api.stand.notRunning = ['tradevest:order:1'];
    expect(await balance()).toMatchObject({ open: 1, openWithoutFlow: 0, balanced: true });
  });

  it('is decided by the numbers alone while Temporal is away, and says so', async () => {
    await keep(api.database.kysely, { status: 'delivered', workflowId: 'tradevest:order:1', settledSecondsAgo: 60 });
    api.stand.notRunning = 'unknown';
    expect(await balance()).toMatchObject({ openWithoutFlow: null, balanced: true });
  });

  it('stays balanced in every snapshot while deliveries arrive', async () => {
    const arriving = (async () => {
      for (let index = 0; index < 60; index += 1) await keep(api.database.kysely);
    })();
    const seen: unknown[] = [];
    for (let index = 0; index < 20; index += 1) seen.push((await balance()).balanced);
    await arriving;
    expect(seen).toEqual(seen.map(() => true));
    expect(await balance()).toMatchObject({ received: 60, pending: 60 });
  });
});
