import { randomUUID } from 'node:crypto';

import { judgeSets } from '../../src/store/corporate-actions/judge';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { wordGiven } from '../support/word-given';
import { type MovementSystem, openMovementSystem, paramsOf, printed } from './movements';

jest.setTimeout(90_000);

const PRINTED = ['3tx-1-outgoing', '3tx-2-incoming-same-asset', '3tx-3-incoming-new-asset'];
const JUDGING = { precisions: { '*': '0.00000001' }, alertWindowMs: 60_000 };

let system: MovementSystem;

beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive();
  system.work();
});

afterAll(() => system.close());

/** The printed spin-off for another action and user; each event as `int` or `uuid`, with ids of its own. */
function printedFor(caId: string, userId: string, styles: readonly ('int' | 'uuid')[], ids: readonly string[]) {
  return PRINTED.map((part, index) => ({
    ...printed(`corporate-action.spin-off-${part}.${styles[index] ?? 'int'}-id`),
    id: ids[index],
    ca_id: caId,
    user_pid: userId,
  }));
}

const threeIds = (): readonly string[] => PRINTED.map(() => randomUUID());

/** A complete set of a holder in the printed ratio of one to two. */
function complete(
  caId: string,
  userId: string,
  old: string,
  received: string,
): readonly [object, object, Record<string, unknown>] {
  return [
    paramsOf({ caId, userId, amount: `-${old}` }),
    paramsOf({ caId, userId, amount: old }),
    paramsOf({ caId, userId, asset: 1479, amount: received }),
  ];
}

async function postAll(events: readonly object[]): Promise<readonly string[]> {
  const became: string[] = [];
  for (const event of events) became.push(await system.becameOf(await system.post(event)));
  return became;
}

/** Waits for the verdict, and until the flow shows what it made of it. */
async function judged(caId: string, userId: string, verdict: string) {
  return eventually(async () => {
    const set = await system.setOf(caId, userId);
    expect(set.verdict).toBe(verdict);
    const flow = await system.flowOf(caId, userId);
    expect(flow.waitingFor).not.toContain('settle');
    return { set, flow };
  });
}

test.each([
  ['integer ids', ['int', 'int', 'int']],
  ['UUIDs', ['uuid', 'uuid', 'uuid']],
] as const)('the printed spin-off with %s is booked once, complete, and rests', async (_name, styles) => {
  const [caId, userId] = [randomUUID(), randomUUID()];
  const events = printedFor(caId, userId, styles, threeIds());
  expect(await postAll(events)).toEqual(['applied', 'applied', 'applied']);
  expect(await system.flowOf(caId, userId)).toMatchObject({ state: 'spin_off', waitingFor: ['settle'], open: true });
  const { set, flow } = await judged(caId, userId, 'complete');
  expect(set.breaks).toEqual([]);
  expect(flow).toMatchObject({ open: false, waitingFor: [], overdue: false, state: 'spin_off' });
  expect(await postAll(events)).toEqual(['duplicate', 'duplicate', 'duplicate']);
  // What sums up to nothing is not held.
  expect(Object.values(await system.positionsOf(userId))).toEqual(['1.5265034']);
  expect((await system.setOf(caId, userId)).movements).toHaveLength(3);
});

test('a set whose events come in both kinds of ids is complete, and every event is booked once', async () => {
  const [caId, userId, ids] = [randomUUID(), randomUUID(), threeIds()];
  const [out, back, received] = printedFor(caId, userId, ['uuid', 'int', 'uuid'], ids);
  const [outAgain, , receivedAgain] = printedFor(caId, userId, ['int', 'uuid', 'int'], ids);
  expect(await postAll([received, receivedAgain, out, back, outAgain].flatMap((one) => one ?? []))).toEqual([
    'applied',
    'duplicate',
    'applied',
    'applied',
    'duplicate',
  ]);
  await judged(caId, userId, 'complete');
});

test('two movements are too small a new share, or a lost one, as the ratio of two other holders says', async () => {
  const caId = randomUUID();
  const [first, second, small, robbed, between, lost] = [1, 2, 3, 4, 5, 6].map(() => randomUUID());
  const two = (userId = '', old = '') => complete(caId, userId, old, '1').slice(0, 2);
  await postAll(two(small, '0.00000001'));
  const unknown = await judged(caId, small ?? '', 'unverified');
  expect(unknown.flow).toMatchObject({ open: true, waitingFor: ['answer'] });
  await postAll([...complete(caId, first ?? '', '10', '5'), ...complete(caId, second ?? '', '7.00000001', '3.5')]);
  await judged(caId, first ?? '', 'complete');
  const judgedAgain = await judged(caId, small ?? '', 'new-share-too-small');
  await eventually(async () => expect(await system.flowOf(caId, small ?? '')).toMatchObject({ open: false }));
  expect(judgedAgain.set.breaks).toEqual([]);
  await postAll([...two(robbed, '8'), ...two(between, '0.00000002'), ...two(lost, '0.00000003')]);
  const broken = await judged(caId, robbed ?? '', 'break');
  expect(broken.set.breaks).toEqual([
    {
      kind: 'missing-leg',
      leg: 'new-in',
      instrument: expect.stringMatching(/^asset:/),
      expected: '4',
      found: null,
    },
  ]);
  expect(broken.flow).toMatchObject({ open: true, waitingFor: ['answer'] });
  // Whether the partner cuts off or rounds is not known: a last digit proves nothing.
  await judged(caId, between ?? '', 'unverified');
  await judged(caId, lost ?? '', 'break');
});

test('a new share alone is sold, lost or unknown, as the holding before says', async () => {
  const caId = randomUUID();
  const [holder, other, alone] = [1, 2, 3].map(() => randomUUID());
  await postAll(complete(caId, holder ?? '', '10', '5'));
  await postAll(complete(caId, other ?? '', '20', '10'));
  await postAll([paramsOf({ caId, userId: alone ?? '', asset: 1479, amount: '1.5265034' })]);
  await judged(caId, alone ?? '', 'unverified');
  const { kysely } = system.database;
  const opening = {
    partner: 'bitpanda' as const,
    user_id: alone ?? '',
    instrument: 'asset:1477',
    as_of: '2024-05-23T08:45:36Z',
  };
  await kysely
    .insertInto('openings')
    .values({ ...opening, amount: '0' })
    .execute();
  await judgeSets(kysely, { partner: 'bitpanda', id: caId }, JUDGING);
  await judged(caId, alone ?? '', 'unverified');
  await wordGiven(kysely);
  await judged(caId, alone ?? '', 'old-share-sold');
  await eventually(async () => expect(await system.flowOf(caId, alone ?? '')).toMatchObject({ open: false }));
});

test('a third movement long after the verdict is booked, and its set judged again', async () => {
  const caId = randomUUID();
  const users = [1, 2, 3].map(() => randomUUID());
  const [first = '', second = '', late = ''] = users;
  await postAll([...complete(caId, first, '10', '5'), ...complete(caId, second, '20', '10')]);
  const [out, back, received] = complete(caId, late, '6', '3');
  await postAll([out, back]);
  await judged(caId, late, 'break');
  expect(await postAll([received])).toEqual(['applied']);
  await judged(caId, late, 'complete');
  await eventually(async () => expect(await system.flowOf(caId, late)).toMatchObject({ open: false }));
});

test('the same id with another amount is illegal, alerted, and breaks its set; the position stays', async () => {
  const [caId, userId] = [randomUUID(), randomUUID()];
  const events = complete(caId, userId, '10', '5');
  await postAll(events);
  await judged(caId, userId, 'complete');
  expect(await postAll([{ ...events[2], asset_amount: '6' }])).toEqual(['illegal']);
  const { set, flow } = await judged(caId, userId, 'break');
  expect(set.breaks).toMatchObject([{ kind: 'contradicting-repeat', leg: 'new-in', expected: '5', found: '6' }]);
  await eventually(async () => expect(await system.flowOf(caId, userId)).toMatchObject({ open: true }));
  expect(flow).toBeDefined();
  expect(Object.values(await system.positionsOf(userId))).toEqual(['5']);
  const alerts = await (
    await withFoldedAlerts(system.database.kysely)
  )
    .selectFrom('alerts')
    .select(['finding', 'examples'])
    .execute();
  const named = (finding: string) =>
    alerts.filter((one) => one.finding === finding).flatMap(({ examples }) => examples);
  expect(named('contradicting-repeat')).toContain(`bitpanda:corporate-action:${caId}:${userId}`);
  expect(named('break')).toContain(`bitpanda:corporate-action:${caId}`);
});

test('a movement that never came is found with the partner before a break is reported, and counts as recovered', async () => {
  const caId = randomUUID();
  const [first = '', second = '', lost = ''] = [1, 2, 3].map(() => randomUUID());
  await postAll([...complete(caId, first, '10', '5'), ...complete(caId, second, '20', '10')]);
  await judged(caId, second, 'complete');
  const before = (await system.balance()).recovered;
  const [out, back, received] = complete(caId, lost, '6', '3');
  const { user_pid: userId, ...payload } = received;
  system.partners.events = [
    {
      id: randomUUID(),
      name: 'user.corporate-action',
      created_at: '2024-05-23T10:08:50Z',
      payload: { ...payload, user_id: userId },
    },
  ];
  await postAll([out, back]);
  await judged(caId, lost, 'complete');
  expect((await system.balance()).recovered).toBe(before + 1);
  expect(await postAll([received])).toEqual(['duplicate']);
  system.partners.events = [];
});

test('while the partner cannot be asked nothing is called a break; it is tried again until it can', async () => {
  const caId = randomUUID();
  const [first = '', second = '', lost = ''] = [1, 2, 3].map(() => randomUUID());
  await postAll([...complete(caId, first, '10', '5'), ...complete(caId, second, '20', '10')]);
  await judged(caId, second, 'complete');
  system.partners.events = null;
  await postAll(complete(caId, lost, '6', '3').slice(0, 2));
  const { flow } = await judged(caId, lost, 'unverified');
  expect(flow).toMatchObject({ finding: 'unreachable', open: true });
  system.partners.events = [];
  await judged(caId, lost, 'break');
  await eventually(async () => expect(await system.flowOf(caId, lost)).toMatchObject({ finding: null }));
});

test('money that reached our wallet keeps its flow open until it is passed on', async () => {
  const [caId, userId] = [randomUUID(), randomUUID()];
  await postAll([paramsOf({ caId, userId, amount: '-2', fiatAmount: '4', type: 'delisting', asset: 3788 })]);
  const { flow } = await judged(caId, userId, 'complete');
  expect(flow).toMatchObject({ waitingFor: ['obligation'], open: true });
  const [{ id } = { id: '' }] = await system.obligationsOf(userId);
  const paid = await system.call('POST', `/operations/obligations/${id}/paid`, { reference: 'a transfer' });
  expect(paid).toMatchObject({ status: 200, body: { state: 'paid' } });
  await eventually(async () => expect(await system.flowOf(caId, userId)).toMatchObject({ open: false }));
});

test('an operator who resolves a break lets it rest, and only other breaks open it again', async () => {
  const [caId, userId] = [randomUUID(), randomUUID()];
  const [out, back, received] = complete(caId, userId, '10', '5');
  await postAll([out, back, received, paramsOf({ caId, userId, asset: 1479, amount: '5' })]);
  const { set } = await judged(caId, userId, 'break');
  expect(set.breaks).toMatchObject([{ kind: 'surplus-leg', leg: 'new-in', found: '5' }]);
  const flow = encodeURIComponent(`bitpanda:corporate-action:${caId}:${userId}`);
  const request = { reason: 'booked back by hand', result: 'done' };
  expect((await system.call('POST', `/operations/flows/${flow}/resolve`, request)).status).toBe(200);
  const resolutionOf = async () => (await system.setOf(caId, userId)).resolution;
  expect(await resolutionOf()).toMatchObject({ by: 'alice', reason: 'booked back by hand' });
  await eventually(async () => expect(await system.flowOf(caId, userId)).toMatchObject({ open: false }));
  await judgeSets(system.database.kysely, { partner: 'bitpanda', id: caId }, JUDGING);
  expect(await resolutionOf()).toMatchObject({ result: 'done' });

  await postAll([paramsOf({ caId, userId, asset: 1479, amount: '5' })]);
  await eventually(async () => expect((await system.setOf(caId, userId)).breaks).toHaveLength(2));
  expect(await resolutionOf()).toBeNull();
  await eventually(async () =>
    expect(await system.flowOf(caId, userId)).toMatchObject({ open: true, waitingFor: ['answer'] }),
  );
});
