import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Agent, request } from 'undici';

import type { Recurrence } from '../../src/domain/lifecycles/savings-plan/recurrence';
import { momentOf } from '../../src/domain/partner-time';
import type { Finding } from '../../src/domain/subject';
import { send, type Webhook } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { withFoldedAlerts } from '../support/folded-alerts';
import { bitpandaEnvironment } from '../webhooks/bitpanda-partner';
import { bitpanda, coinify, startDecisions, tradeOf, tradevest } from './webhooks';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const TOKEN = 'token-of-the-tests';
const folder = mkdtempSync(join(tmpdir(), 'partnerflow-contradictions-'));

/** A flow as the operations API shows it. */
interface Shown {
  readonly state: string | null;
  readonly open: boolean;
  readonly waitingFor: readonly string[];
  readonly finding: string | null;
  readonly findings: readonly Finding[];
  readonly notifications: readonly { readonly deliveryId: string; readonly outcome: string | null }[];
  readonly facts?: Readonly<Record<string, string>>;
  readonly recurrences?: readonly Recurrence[];
}

let system: System;
let decisions: Awaited<ReturnType<typeof startDecisions>>;
const agent = new Agent();

beforeAll(async () => {
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify({ sweepEvery: 'P3650D', alertWindow: 'PT0.001S', agreementWaits: ['PT0.5S'] }));
  decisions = await startDecisions();
  system = await openSystem({
    environmentOf: (url) => ({
      ...bitpandaEnvironment(url),
      POLICY_FILE: policy,
      OPERATIONS_TOKENS: JSON.stringify({ tests: TOKEN }),
      SAVINGS_PLAN_DECISION_URL: decisions.url,
    }),
  });
  // Neither zone is ours, and they are nineteen hours apart.
  await system.receive({ TZ: 'Pacific/Kiritimati' });
  system.work({ TZ: 'America/New_York' });
});

afterAll(async () => {
  await system.close();
  await agent.close();
  decisions.server.close();
  rmSync(folder, { recursive: true });
});

async function shown(workflowId: string): Promise<Shown> {
  const { statusCode, body } = await request(`${system.url}/operations/flows/${encodeURIComponent(workflowId)}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`${String(statusCode)} ${text}`);
  const flow: Shown = JSON.parse(text);
  return flow;
}

/** Posts webhooks one after the other, each once the one before has its outcome; the outcomes. */
async function post(workflowId: string, ...webhooks: readonly Webhook[]): Promise<readonly (string | null)[]> {
  const outcomes: (string | null)[] = [];
  for (const webhook of webhooks) {
    const id = await send(system.url, webhook, agent);
    if (id === null) throw new Error('not kept');
    outcomes.push(
      await eventually(async () => {
        const outcome = (await shown(workflowId)).notifications.find(({ deliveryId }) => deliveryId === id)?.outcome;
        if (outcome === undefined || outcome === null) throw new Error('no outcome yet');
        return outcome;
      }),
    );
  }
  return outcomes;
}

/** Waits until the flow shows it, and the contradiction is alerted. */
async function told(workflowId: string, expected: object): Promise<Shown> {
  const flow = await eventually(async () => {
    const now = await shown(workflowId);
    expect(now).toMatchObject(expected);
    expect(now.findings.map(({ finding }) => finding)).toContain('contradiction');
    return now;
  });
  await eventually(async () => {
    const database = await withFoldedAlerts(system.database.kysely);
    const alerts = await database
      .selectFrom('alerts')
      .select('examples')
      .where('finding', '=', 'contradiction')
      .execute();
    expect(JSON.stringify(alerts)).toContain(workflowId);
  });
  return flow;
}

const soon = (inMs: number): string => new Date(Date.now() + inMs).toISOString();

describe('a savings plan', () => {
  const upcoming = (plan: string, transactionId: string, deadline: string): Webhook =>
    bitpanda(system.url, 'savings-plan-upcoming-trade-v2', {
      savings_plan_id: plan,
      external_transaction_id: transactionId,
      user_id: randomUUID(),
      fiat_amount: '25.00',
      savings_plan_frequency: 'monthly',
      savings_plan_day: 31,
      savings_plan_next_recurrence: new Date((momentOf(deadline) ?? 0) + HOUR_MS).toISOString(),
      savings_plan_transaction_confirmation_deadline: deadline,
    });
  const end = (plan: string, transactionId: string, route: 'successful' | 'failed', status: string): Webhook =>
    bitpanda(system.url, `savings-plan-${route}-trade`, {
      savings_plan_id: plan,
      external_transaction_id: transactionId,
      savings_plan_transaction_status: status,
    });
  const decided = (workflowId: string, transactionId: string, expected: Partial<Recurrence>) =>
    eventually(async () => {
      const { recurrences = [] } = await shown(workflowId);
      const one = recurrences.find((recurrence) => recurrence.transactionId === transactionId);
      expect(one).toMatchObject(expected);
    });

  test.each([
    ['declined, and finished all the same', 'no', 'successful', 'finished'],
    ['confirmed, and then not confirmed', 'yes', 'failed', 'not_confirmed'],
    ['confirmed, and finished on the route of failures', 'yes', 'failed', 'finished'],
  ] as const)('%s is told', async (_title, answer, route, status) => {
    const [plan, transactionId] = [randomUUID(), `${answer}-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    expect(await post(workflowId, upcoming(plan, transactionId, soon(HOUR_MS)))).toEqual(['applied']);
    await decided(workflowId, transactionId, answer === 'no' ? { decision: 'decline' } : { decision: 'confirm' });
    if (answer === 'yes') await decided(workflowId, transactionId, { confirmedAt: expect.any(String) });
    expect(await post(workflowId, end(plan, transactionId, route, status))).toEqual(['applied']);
    const flow = await told(workflowId, { finding: 'contradiction', open: true, waitingFor: ['upcoming'] });
    expect(flow.recurrences).toMatchObject([{ transactionId, state: status }]);
  });

  test('announced twice under two transaction ids, the second is not confirmed by itself', async () => {
    const [plan, first, second] = [randomUUID(), `yes-${randomUUID()}`, `yes-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    const deadline = soon(HOUR_MS);
    expect(await post(workflowId, upcoming(plan, first, deadline), upcoming(plan, second, deadline))).toEqual([
      'applied',
      'applied',
    ]);
    await decided(workflowId, first, { confirmedAt: expect.any(String) });
    await told(workflowId, { open: true });
    await decided(workflowId, second, { decision: 'none', confirmedAt: null });
  });

  test('a word that nobody knows on the route of failures is a failure', async () => {
    const [plan, transactionId] = [randomUUID(), `yes-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    expect(await post(workflowId, end(plan, transactionId, 'failed', 'insufficient_funds'))).toEqual(['applied']);
    expect(await shown(workflowId)).toMatchObject({ recurrences: [{ state: 'insufficient_funds' }], findings: [] });
  });

  test('a deadline without an offset is UTC, with receiver and worker in other zones', async () => {
    const [plan, transactionId] = [randomUUID(), `yes-${randomUUID()}`];
    const workflowId = `bitpanda:savings-plan:${plan}`;
    system.partners.states.set(plan, 'active');
    const deadline = soon(HOUR_MS / 2);
    await post(workflowId, upcoming(plan, transactionId, deadline.replace('Z', '').replace('.', ',')));
    await decided(workflowId, transactionId, { deadline, confirmedAt: expect.any(String) });
  });
});

describe('a Coinify trade', () => {
  const says = (id: string, state: string): Webhook => coinify(`trade.${state}`, tradeOf(id));

  test.each(['cancelled', 'expired'])(
    'that is %s after its payment ends so once the read says it too',
    async (ending) => {
      const id = String(Math.floor(Math.random() * 1e12));
      const workflowId = `coinify:trade:${id}`;
      system.partners.states.set(id, 'processing');
      expect(await post(workflowId, says(id, 'created'), says(id, 'transfer-in-completed'))).toEqual([
        'applied',
        'applied',
      ]);
      system.partners.states.set(id, ending);
      expect(await post(workflowId, says(id, ending))).toEqual(['illegal']);
      await told(workflowId, { state: ending, open: false });
    },
  );

  test.each(['cancelled', 'expired', 'rejected'])(
    'whose payment comes after it was %s: late, and told',
    async (ending) => {
      const id = String(Math.floor(Math.random() * 1e12));
      const workflowId = `coinify:trade:${id}`;
      expect(await post(workflowId, says(id, ending))).toEqual(['applied']);
      await eventually(async () => expect(await shown(workflowId)).toMatchObject({ open: false, findings: [] }));
      expect(await post(workflowId, says(id, 'transfer-in-completed'))).toEqual(['late']);
      await told(workflowId, { state: ending, open: false, finding: 'contradiction' });
    },
  );

  test('one event id with two meanings in the same moment: one is first, the other contradicts', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = String(Math.floor(Math.random() * 1e12));
      const workflowId = `coinify:trade:${id}`;
      system.partners.states.set(id, 'awaiting_transfer_in');
      const eventId = randomUUID();
      await Promise.all(
        [100, 200].map((amount) =>
          send(system.url, coinify('trade.created', tradeOf(id, amount), null, eventId), agent),
        ),
      );
      await eventually(async () => {
        const { notifications } = await shown(workflowId);
        expect(notifications.map(({ outcome }) => outcome).sort()).toEqual(['applied', 'illegal']);
      });
    }
  });
});

test('a correction after SETTLED is late, and told; the order’s CANCELLED is CANCELED', async () => {
  const orderId = randomUUID();
  const workflowId = `tradevest:order:${orderId}`;
  const says = (status: string): Webhook => tradevest('traditional-asset-order-notification', { orderId, status });
  system.partners.states.set(orderId, 'SETTLED');
  expect(await post(workflowId, says('SETTLED'))).toEqual(['applied']);
  await eventually(async () => expect(await shown(workflowId)).toMatchObject({ open: false, findings: [] }));
  expect(await post(workflowId, says('CORRECTED'))).toEqual(['late']);
  await told(workflowId, { state: 'SETTLED', finding: 'contradiction' });
  expect(await post(workflowId, says('CANCELLED'))).toEqual(['late']);
  await eventually(async () => expect((await shown(workflowId)).findings).toHaveLength(2));
});

test('two payouts, and two deposits, under one reference are both kept, and contradict', async () => {
  const reference = randomUUID();
  const payout = (pid: string): Webhook =>
    bitpanda(system.url, 'send-money', {
      ...{ pid, reference, timestamp: 1_700_000_000, amount_sent: '10.00', fiat_symbol: 'EUR' },
    });
  expect(await post(`bitpanda:payout:${reference}`, payout('p-1'), payout('p-2'))).toEqual(['applied', 'applied']);
  const flow = await told(`bitpanda:payout:${reference}`, { open: true, finding: 'contradiction' });
  expect(flow.facts).toMatchObject({ pid: 'p-1', amount: '10', 'further pid': 'p-2 (10 EUR)' });
  const deposit = (id: string): Webhook =>
    bitpanda(system.url, 'top-up-success', {
      ...{ id, reference, timestamp: 1_700_000_000, fiat_amount: '10.00', fiat_symbol: 'EUR' },
    });
  expect(await post(`bitpanda:deposit:${reference}`, deposit('d-1'))).toEqual(['applied']);
  await eventually(async () => expect(await shown(`bitpanda:deposit:${reference}`)).toMatchObject({ open: false }));
  expect(await post(`bitpanda:deposit:${reference}`, deposit('d-2'))).toEqual(['late']);
  await told(`bitpanda:deposit:${reference}`, { open: false, facts: { id: 'd-1', 'further id': 'd-2 (10 EUR)' } });
});

describe('people', () => {
  test('an identification that was approved and is rejected later is rejected, and told: Coinify', async () => {
    const traderId = String(Math.floor(Math.random() * 1e12));
    const workflowId = `coinify:identification:${traderId}`;
    const says = (state: string, time: string): Webhook =>
      coinify(
        `identification-attempt.${state}`,
        { traderId, ...(state === 'rejected' ? { rejectReason: 'DENIED' } : {}) },
        time,
      );
    const outcomes = await post(
      workflowId,
      says('approved', '2026-03-02T09:00:00,5Z'),
      says('rejected', '2026-03-02T09:00:00.6Z'),
    );
    expect(outcomes).toEqual(['applied', 'applied']);
    await told(workflowId, { state: 'rejected', open: false });
  });

  test('an identification that was approved and is rejected later is rejected, and told: Tradevest', async () => {
    const id = randomUUID();
    const workflowId = `tradevest:identification:${id}`;
    const says = (status: string, modifiedOn: string): Webhook =>
      tradevest('identification-verification-notification', { identificationVerificationId: id, status, modifiedOn });
    system.partners.states.set(id, 'APPROVED');
    expect(await post(workflowId, says('APPROVED', '2026-03-29T02:30:00'))).toEqual(['applied']);
    await eventually(async () => expect(await shown(workflowId)).toMatchObject({ open: false }));
    system.partners.states.set(id, 'REJECTED');
    expect(await post(workflowId, says('REJECTED', '2026-03-29T02:30:01'))).toEqual(['applied']);
    await told(workflowId, { state: 'REJECTED', open: false });
  });

  test('a customer’s way back without a time makes the object be read, and the read decides', async () => {
    const id = randomUUID();
    const workflowId = `tradevest:customer:${id}`;
    const says = (status: string): Webhook => tradevest('customer-notification', { customerId: id, status });
    system.partners.states.set(id, 'PENDING');
    expect(await post(workflowId, says('PENDING'), says('CREATED'))).toEqual(['applied', 'repeated']);
    await eventually(() => expect(system.partners.reads).toBeGreaterThan(0));
    expect(await shown(workflowId)).toMatchObject({ state: 'PENDING', open: true });
    system.partners.states.set(id, 'CREATED');
    expect(await post(workflowId, says('CREATED'))).toEqual(['repeated']);
    await eventually(async () => expect(await shown(workflowId)).toMatchObject({ state: 'CREATED', open: false }));
  });
});

test('a crypto transfer on hold waits, and a rejected one is over', async () => {
  const id = randomUUID();
  const workflowId = `bitpanda:transfer:${id}`;
  const says = (status: string): Webhook =>
    bitpanda(system.url, 'crypto-transfers', { id, transaction_status: status });
  system.partners.states.set(id, 'on-hold');
  expect(await post(workflowId, says('pending'), says('on-hold'))).toEqual(['applied', 'applied']);
  expect(await shown(workflowId)).toMatchObject({ state: 'on-hold', open: true });
  expect(await post(workflowId, says('rejected'))).toEqual(['applied']);
  await eventually(async () => expect(await shown(workflowId)).toMatchObject({ state: 'rejected', open: false }));
});

test('every delivery has its outcome, and the balance holds', async () => {
  await eventually(async () => expect(await system.balance()).toMatchObject({ pending: 0, open: 0, balanced: true }));
});
