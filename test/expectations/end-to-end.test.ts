import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Agent, request } from 'undici';

import type { Finding } from '../../src/domain/subject';
import { quietRuntime } from '../../src/replay/quiet-runtime';
import { replayHistories } from '../../src/replay/replay-histories';
import { referenceHash } from '../../src/store/reference-hash';
import { paramsOf } from '../corporate-actions/movements';
import { send, type Webhook } from '../faults/partner-stub';
import { openSystem, type Part, type System } from '../faults/system';
import { bitpanda, coinify, tradeOf, tradevest } from '../lifecycles/webhooks';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';
import { bitpandaEnvironment } from '../webhooks/bitpanda-partner';

jest.setTimeout(120_000);

quietRuntime();

const TOKEN = 'token-of-the-tests';
const HASH_KEY = Buffer.alloc(32, 7);
const folder = mkdtempSync(join(tmpdir(), 'partnerflow-expectations-'));

/** A flow as the operations API shows it. */
interface Shown {
  readonly state: string | null;
  readonly open: boolean;
  readonly overdue: boolean;
  readonly dueAt: string | null;
  readonly waitingFor: readonly string[];
  readonly finding: string | null;
  readonly findings: readonly Finding[];
  readonly notifications: readonly { readonly deliveryId: string; readonly outcome: string | null }[];
  readonly operatorActions: readonly { readonly action: string; readonly details: Readonly<Record<string, unknown>> }[];
  readonly facts: Readonly<Record<string, string>>;
}

let system: System;
let worker: Part;
const agent = new Agent();

beforeAll(async () => {
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify({ sweepEvery: 'P3650D', alertWindow: 'PT0.001S', agreementWaits: ['PT0.5S'] }));
  system = await openSystem({
    environmentOf: (url) => ({
      ...bitpandaEnvironment(url),
      POLICY_FILE: policy,
      REFERENCE_HASH_KEY: HASH_KEY.toString('base64'),
      OPERATIONS_TOKENS: JSON.stringify({ tests: TOKEN }),
    }),
  });
  await system.receive();
  worker = system.work();
});

afterAll(async () => {
  await system.close();
  await agent.close();
  rmSync(folder, { recursive: true });
});

async function call(method: 'GET' | 'POST', path: string, body?: object) {
  const { statusCode, body: answer } = await request(`${system.url}/operations${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json: unknown = JSON.parse(await answer.text());
  return { status: statusCode, json };
}

async function expectation(body: object) {
  const { status, json } = await call('POST', '/expectations', { partner: 'tradevest', object: 'order', ...body });
  return [status, json] as const;
}

async function shown(workflowId: string): Promise<Shown> {
  const { status, json } = await call('GET', `/flows/${encodeURIComponent(workflowId)}`);
  if (status !== 200) throw new Error(`${String(status)} ${JSON.stringify(json)}`);
  const flow: Shown = JSON.parse(JSON.stringify(json));
  return flow;
}

function shows(workflowId: string, expected: object): Promise<Shown> {
  return eventually(async () => {
    const flow = await shown(workflowId);
    expect(flow).toMatchObject(expected);
    return flow;
  });
}

/** Posts a webhook; its outcome. */
async function post(workflowId: string, webhook: Webhook): Promise<string> {
  const id = await send(system.url, webhook, agent);
  return eventually(async () => {
    const outcome = (await shown(workflowId)).notifications.find(({ deliveryId }) => deliveryId === id)?.outcome;
    if (outcome === undefined || outcome === null) throw new Error('no outcome yet');
    return outcome;
  });
}

function order() {
  const id = randomUUID();
  const workflowId = `tradevest:order:${id}`;
  const says = (status: string): Promise<string> =>
    post(workflowId, tradevest('traditional-asset-order-notification', { orderId: id, status }));
  return { id, workflowId, says, reads: (status: string) => system.partners.states.set(id, status) };
}

async function placedOrder() {
  const one = order();
  one.reads('PLACED');
  expect(await one.says('PLACED')).toBe('applied');
  return one;
}

async function alertsOf(workflowId: string): Promise<readonly string[]> {
  const rows = await system.database.kysely.selectFrom('alerts').select(['finding', 'examples']).execute();
  return rows.flatMap(({ finding, examples }) => (examples.includes(workflowId) ? [finding] : []));
}

const soon = (inMs: number): string => new Date(Date.now() + inMs).toISOString();
const HOUR_MS = 3_600_000;

describe('a cancellation that we asked for', () => {
  test('is registered once, and done when the partner says so', async () => {
    const { id, workflowId, says, reads } = await placedOrder();
    const asked = { id, kind: 'canceled' };
    expect(await expectation(asked)).toEqual([201, { workflowId }]);
    expect(await expectation(asked)).toEqual([200, { workflowId }]);
    expect((await shown(workflowId)).facts).toMatchObject({ cancellation: 'asked' });
    expect((await shown(workflowId)).operatorActions).toMatchObject([
      { action: 'expect', details: { kind: 'canceled' } },
    ]);
    reads('CANCELED');
    expect(await says('CANCELED')).toBe('applied');
    await shows(workflowId, { open: false, state: 'CANCELED', facts: { cancellation: 'done' }, findings: [] });
    // The word that the partner cancelled may come before ours.
    expect(await expectation(asked)).toEqual([200, { workflowId }]);
  });

  test('whose webhook is lost is read when it is due', async () => {
    const { id, workflowId, reads } = await placedOrder();
    reads('CANCELED');
    expect(await expectation({ id, kind: 'canceled', dueWithinSeconds: 1 })).toEqual([201, { workflowId }]);
    await shows(workflowId, {
      open: false,
      state: 'CANCELED',
      facts: { cancellation: 'done' },
      findings: [{ finding: 'missed', found: 'CANCELED' }],
    });
  });

  test('that failed is slow with the fact, and no alert; the order goes on', async () => {
    const { id, workflowId, says, reads } = await placedOrder();
    expect(await expectation({ id, kind: 'canceled', dueWithinSeconds: 1 })).toEqual([201, { workflowId }]);
    await shows(workflowId, {
      ...{ open: true, overdue: false, state: 'PLACED', finding: 'slow' },
      facts: { cancellation: 'failed' },
    });
    expect(await alertsOf(workflowId)).toEqual([]);
    reads('FILLED');
    expect(await says('FILLED')).toBe('applied');
  });

  test('of what has ended otherwise is 409, and names the end; of what cannot be cancelled 422', async () => {
    const { id, workflowId, says } = order();
    expect(await says('REJECTED')).toBe('applied');
    await shows(workflowId, { open: false });
    expect(await expectation({ id, kind: 'canceled' })).toMatchObject([409, { field: 'id', found: 'REJECTED' }]);
    const search = { object: 'search', id: randomUUID(), kind: 'canceled' };
    expect(await expectation(search)).toMatchObject([422, { field: 'kind', found: 'canceled' }]);
  });

  test('of an order that nobody has heard of waits for its first webhook', async () => {
    const { id, workflowId, says, reads } = order();
    expect(await expectation({ id, kind: 'canceled' })).toEqual([201, { workflowId }]);
    await shows(workflowId, { open: true, state: null, waitingFor: ['notification'] });
    reads('CANCELED');
    expect(await says('CANCELED')).toBe('applied');
    await shows(workflowId, { open: false, facts: { cancellation: 'done' } });
  });

  test('is not lost with the worker that heard it', async () => {
    const { id, workflowId, says, reads } = await placedOrder();
    expect(await expectation({ id, kind: 'canceled' })).toEqual([201, { workflowId }]);
    await worker.kill();
    worker = system.work();
    reads('CANCELED');
    expect(await says('CANCELED')).toBe('applied');
    await shows(workflowId, { facts: { cancellation: 'done' } });
  });
});

describe('the validity of an order', () => {
  test('makes it due when it ends, whether it is said before or after the order is placed', async () => {
    const before = order();
    const validUntil = soon(72 * HOUR_MS);
    expect(await expectation({ id: before.id, validUntil })).toEqual([201, { workflowId: before.workflowId }]);
    before.reads('PLACED');
    await before.says('PLACED');
    expect(await shown(before.workflowId)).toMatchObject({ state: 'PLACED', dueAt: validUntil, overdue: false });
    const after = await placedOrder();
    expect(await expectation({ id: after.id, validUntil })).toEqual([201, { workflowId: after.workflowId }]);
    expect(await expectation({ id: after.id, validUntil })).toEqual([200, { workflowId: after.workflowId }]);
    await shows(after.workflowId, { dueAt: validUntil });
  });

  test('that is over makes it overdue: it is read', async () => {
    const { id, workflowId, reads } = await placedOrder();
    reads('EXPIRED');
    await expectation({ id, validUntil: soon(1_000) });
    await shows(workflowId, { open: false, state: 'EXPIRED', findings: [{ finding: 'missed' }] });
  });

  test('is nothing that can be said of a transfer', async () => {
    const transfer = { object: 'transfer', id: randomUUID(), validUntil: soon(HOUR_MS) };
    expect(await expectation(transfer)).toMatchObject([422, { field: 'validUntil' }]);
  });
});

test('a change wakes a person at rest, and the next webhook answers it', async () => {
  const customerId = randomUUID();
  const workflowId = `tradevest:customer:${customerId}`;
  const says = (modifiedOn: string): Promise<string> =>
    post(workflowId, tradevest('customer-notification', { customerId, status: 'CREATED', modifiedOn }));
  await says('2026-03-02T09:00:00Z');
  await shows(workflowId, { open: false });
  const changed = { object: 'customer', id: customerId, kind: 'changed' };
  expect(await expectation(changed)).toEqual([201, { workflowId }]);
  await shows(workflowId, { open: true, facts: { change: 'asked' }, waitingFor: ['notification'] });
  await says('2026-03-02T10:00:00Z');
  await shows(workflowId, { open: false, state: 'CREATED', facts: { change: 'done' }, findings: [] });
});

describe('a payment that we told of', () => {
  const success = (reference: string, amount: string): Webhook =>
    bitpanda(system.url, 'top-up-success', {
      ...{ id: randomUUID(), reference, timestamp: 1_700_000_000, fiat_amount: amount, fiat_symbol: 'EUR' },
    });
  const deposit = async (reference: string, amount = '100.00') => {
    const said = { partner: 'bitpanda', kind: 'deposit', amount, currency: 'EUR', reference };
    const { status, json } = await call('POST', '/expectations', said);
    return [status, json] as const;
  };

  test('that comes as told finds nothing; told twice it is known, with another sum refused', async () => {
    const reference = randomUUID();
    const workflowId = `bitpanda:deposit:${reference}`;
    expect(await deposit(reference)).toEqual([201, { workflowId }]);
    expect(await deposit(reference, '100')).toEqual([200, { workflowId }]);
    expect(await deposit(reference, '90')).toMatchObject([409, { field: 'amount', found: '90' }]);
    expect(await post(workflowId, success(reference, '100.0'))).toBe('applied');
    await shows(workflowId, { open: false, findings: [] });
  });

  test.each([
    ['before', true],
    ['after', false],
  ])('that differs, told %s it came, contradicts and is alerted', async (_title, isFirst) => {
    const reference = randomUUID();
    const workflowId = `bitpanda:deposit:${reference}`;
    if (isFirst) expect(await deposit(reference)).toEqual([201, { workflowId }]);
    expect(await post(workflowId, success(reference, '90'))).toBe('applied');
    await shows(workflowId, { open: false });
    if (!isFirst) expect(await deposit(reference)).toEqual([201, { workflowId }]);
    await shows(workflowId, { findings: [{ finding: 'contradiction', found: '90 EUR, expected 100 EUR' }] });
    await eventually(async () => expect(await alertsOf(workflowId)).toEqual(['contradiction']));
  });

  test.each([
    [{ kind: 'deposit', reference: 'r', currency: 'EUR' }, 422, 'amount'],
    [{ kind: 'deposit', reference: 'r', amount: '1' }, 422, 'currency'],
    [{ kind: 'payout', amount: '1', currency: 'EUR' }, 422, 'reference'],
    [{ kind: 'payout', object: 'deposit', reference: 'r', amount: '1', currency: 'EUR' }, 422, 'object'],
    [{ object: 'order', id: 'o', amount: '1' }, 422, 'amount'],
    [{ kind: 'deposit', reference: 'r', amount: '-1', currency: 'EUR' }, 400, 'amount'],
    [{ kind: 'deposit', reference: 'r', amount: 1, currency: 'EUR' }, 400, 'amount'],
    [{ object: 'order', id: 'o', validUntil: '2026-02-30T00:00:00Z' }, 400, 'validUntil'],
    [{ object: 'order', id: 'o', kind: 'stopped' }, 400, 'kind'],
    [{ id: 'o' }, 422, 'object'],
  ])('%j is refused with %d at %s', async (body, status, field) => {
    const answer = await call('POST', '/expectations', { partner: 'bitpanda', ...body });
    expect(answer).toMatchObject({ status, json: { field, expected: expect.any(String), found: expect.any(String) } });
  });
});

test('a Coinify trade can be cancelled and is valid for so long, too', async () => {
  const id = String(Math.floor(Math.random() * 1e12));
  const workflowId = `coinify:trade:${id}`;
  expect(await post(workflowId, coinify('trade.created', tradeOf(id)))).toBe('applied');
  const validUntil = soon(HOUR_MS);
  const said = { partner: 'coinify', object: 'trade', id };
  expect(await expectation({ ...said, validUntil })).toEqual([201, { workflowId }]);
  expect(await expectation({ ...said, kind: 'canceled' })).toEqual([201, { workflowId }]);
  await shows(workflowId, { dueAt: validUntil });
  expect(await post(workflowId, coinify('trade.cancelled', tradeOf(id)))).toBe('applied');
  await shows(workflowId, { open: false, facts: { cancellation: 'done' } });
});

describe('the set of a corporate action', () => {
  const movement = (caId: string, userId: string): Webhook =>
    bitpanda(system.url, 'corporate-actions', paramsOf({ caId, userId, amount: '1.00000000', type: 'dividend' }));

  test('is followed by the flow of its corporate action, which looks when the first movement is due', async () => {
    const [caId, userId] = [randomUUID(), randomUUID()];
    const workflowId = `bitpanda:corporate-action:${caId}:${userId}`;
    const set = { partner: 'bitpanda', object: 'corporate-action', id: `${caId}:${userId}` };
    expect(await expectation({ ...set, dueWithinSeconds: 2 })).toEqual([201, { workflowId }]);
    expect(await expectation(set)).toEqual([200, { workflowId }]);
    await shows(workflowId, { open: true, waitingFor: ['notification'] });
    const flows = system.client.workflow;
    await eventually(() => flows.getHandle(`bitpanda:corporate-action:${caId}`).describe());
    await expect(flows.getHandle(workflowId).describe()).rejects.toThrow();
    await shows(workflowId, { overdue: true, state: null, waitingFor: ['notification'] });
    expect((await shown(workflowId)).findings.length).toBeGreaterThan(0);
    expect(await post(workflowId, movement(caId, userId))).toBe('applied');
    await shows(workflowId, { state: 'dividend', overdue: false, waitingFor: ['settle'] });
  });

  test('without its holder is refused', async () => {
    const set = { partner: 'bitpanda', object: 'corporate-action', id: randomUUID() };
    expect(await expectation(set)).toMatchObject([422, { field: 'id' }]);
  });
});

test('our own reference and the user are found again, and stand neither in the history nor in the audit', async () => {
  const { id, workflowId } = order();
  const [reference, userId] = [`reference of ${randomUUID()}`, `user-${randomUUID()}`];
  expect(await expectation({ id, reference, userId, validUntil: soon(HOUR_MS) })).toEqual([201, { workflowId }]);
  const found = system.database.kysely.selectFrom('subject_details').select('workflow_id');
  const hash = referenceHash(HASH_KEY, reference);
  expect(await found.where('user_id', '=', userId).execute()).toEqual([{ workflow_id: workflowId }]);
  expect(await found.where('reference_hash', '=', hash).execute()).toEqual([{ workflow_id: workflowId }]);
  const history = await system.client.workflow.getHandle(workflowId).fetchHistory();
  const kept = JSON.stringify([historyToJSON(history), (await shown(workflowId)).operatorActions]);
  const decoded = kept.replace(/"data": ?"([^"]*)"/g, (_, data: string) => Buffer.from(data, 'base64').toString());
  expect(decoded).toContain('validUntil');
  for (const text of [reference, userId]) expect(decoded).not.toContain(text);
});

test('flows that were told what is expected replay', async () => {
  const histories = system.client.workflow.list({ query: `TaskQueue = "${system.taskQueue}"` }).intoHistories();
  const { workflowBundlePath: bundlePath } = testServers();
  const reasons: (string | null)[] = [];
  for await (const { reason } of replayHistories({ bundlePath }, histories)) reasons.push(reason);
  expect(reasons.length).toBeGreaterThan(10);
  expect(reasons.filter((reason) => reason !== null)).toEqual([]);
});

test('every delivery has its outcome, and the balance holds', async () => {
  await eventually(async () => expect(await system.balance()).toMatchObject({ pending: 0, open: 0, balanced: true }));
});
