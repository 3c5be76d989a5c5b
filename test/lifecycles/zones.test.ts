import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Agent } from 'undici';

import type { Subject } from '../../src/domain/subject';
import { paramsOf } from '../corporate-actions/movements';
import { send, type Webhook } from '../faults/partner-stub';
import { openSystem, outcomeOf, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { ZONES } from '../support/in-zone';
import { partnerflow } from '../support/partnerflow';
import { bitpandaEnvironment } from '../webhooks/bitpanda-partner';
import { bitpanda, startDecisions, tradevest } from './webhooks';

jest.setTimeout(240_000);

/** The zone of corporate actions alone. */
const NEW_YORK = 'America/New_York';

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-zones-'));
const agent = new Agent();

let system: System;
let decisions: Awaited<ReturnType<typeof startDecisions>>;

beforeAll(async () => {
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify({ sweepEvery: 'P3650D', timeZone: { 'bitpanda:corporate-action': NEW_YORK } }));
  decisions = await startDecisions();
  system = await openSystem({
    environmentOf: (url) => ({
      ...bitpandaEnvironment(url),
      POLICY_FILE: policy,
      SAVINGS_PLAN_DECISION_URL: decisions.url,
    }),
  });
});

afterAll(async () => {
  await system.close();
  await agent.close();
  decisions.server.close();
  rmSync(folder, { recursive: true });
});

/** What is told of the three subjects of one zone; times without an offset lie where clocks change in one zone or another. */
function webhooksOf(name: string): readonly (readonly [workflowId: string, webhook: Webhook])[] {
  const [plan, customer, order] = [`plan-${name}`, `customer-${name}`, `order-${name}`];
  const changed = (status: string, modifiedOn: string): readonly [string, Webhook] => [
    `tradevest:customer:${customer}`,
    tradevest('customer-notification', { customerId: customer, status, modifiedOn }),
  ];
  const announced = {
    savings_plan_id: plan,
    external_transaction_id: `yes-${name}`,
    user_id: 'u1',
    fiat_amount: '25.00',
    savings_plan_frequency: 'monthly',
    savings_plan_day: 31,
    savings_plan_next_recurrence: '2036-02-29T11:00:00',
    savings_plan_transaction_confirmation_deadline: '2036-02-29 10:00:00,5',
  };
  const ended = {
    savings_plan_id: plan,
    external_transaction_id: `yes-${name}`,
    savings_plan_transaction_status: 'finished',
  };
  return [
    [`bitpanda:savings-plan:${plan}`, bitpanda(system.url, 'savings-plan-upcoming-trade-v2', announced)],
    changed('PENDING', '2026-03-29T02:30:00'),
    changed('CREATED', '2026-03-29T02:45:00'),
    changed('PENDING', '2026-03-29T00:59:59Z'),
    changed('REVIEW', '2026-03-08T02:30:00,25'),
    changed('PENDING', '2026-03-29T03:00:00.000001'),
    [
      `tradevest:order:${order}`,
      tradevest('traditional-asset-order-notification', { orderId: order, status: 'PLACED' }),
    ],
    [`bitpanda:savings-plan:${plan}`, bitpanda(system.url, 'savings-plan-successful-trade', ended)],
  ];
}

async function subjectOf(workflowId: string): Promise<Subject> {
  const row = await system.database.kysely
    .selectFrom('subjects')
    .select('subject')
    .where('workflow_id', '=', workflowId)
    .executeTakeFirstOrThrow();
  if (row.subject === null) throw new Error('not written yet');
  return row.subject;
}

/** What must not depend on a zone; due times that hang on the moment of the test by their distance from it. */
function essenceOf({ state, statesSeen, waitingFor, changedAt, since, dueAt, nextUpcomingAt, recurrences }: Subject) {
  const dueInMs = dueAt === null ? null : Date.parse(dueAt) - Date.parse(since);
  return {
    ...{ state, statesSeen, waitingFor, changedAt },
    due: nextUpcomingAt === undefined ? dueInMs : { dueAt, nextUpcomingAt },
    recurrences: recurrences?.map(({ deadline, decision, final }) => ({ deadline, decision, final })),
  };
}

/** All that is told once, with receiver and worker in a zone: the outcomes, the subjects, the histories. */
async function liveIn(zone: string) {
  const name = zone.replaceAll('/', '-');
  system.partners.states.set(`plan-${name}`, 'active');
  const parts = [await system.receive({ TZ: zone }), system.work({ TZ: zone })];
  const outcomes: (string | null)[] = [];
  const told = webhooksOf(name);
  for (const [workflowId, webhook] of told) {
    const id = await send(system.url, webhook, agent);
    if (id === null) throw new Error('not kept');
    outcomes.push(
      await eventually(async () => {
        const outcome = await outcomeOf(system, id);
        if (outcome === null) throw new Error('no outcome yet');
        // Decided and confirmed, or its end would find it unanswered.
        const { recurrences = [] } = await subjectOf(workflowId);
        if (recurrences.some(({ final, confirmedAt }) => !final && confirmedAt === null))
          throw new Error('not confirmed');
        return outcome;
      }),
    );
  }
  const ids = [...new Set(told.map(([workflowId]) => workflowId))];
  const subjects = await Promise.all(ids.map(subjectOf));
  const files = await Promise.all(
    ids.map(async (workflowId) => {
      const file = join(folder, `${workflowId.replaceAll(/[:/]/g, '.')}.json`);
      writeFileSync(file, historyToJSON(await system.client.workflow.getHandle(workflowId).fetchHistory()));
      return file;
    }),
  );
  await Promise.all(parts.map((part) => part.end()));
  return { outcomes, essences: subjects.map(essenceOf), files };
}

test('the same webhooks in processes of three zones: the same states and due times, and histories that replay in all', async () => {
  const lives = [];
  for (const zone of ZONES) lives.push(await liveIn(zone));
  const [first] = lives;
  expect(first?.outcomes).toEqual([
    'applied',
    'applied',
    'applied',
    'repeated',
    'repeated',
    'applied',
    'applied',
    'applied',
  ]);
  expect(first?.essences).toMatchObject([
    {
      state: 'active',
      // Noon in Vienna, before and after the change of clocks; the 31st again after February.
      due: { nextUpcomingAt: '2036-03-31T10:00:00.000Z' },
      recurrences: [{ deadline: '2036-02-29T10:00:00.5Z', decision: 'confirm', final: true }],
    },
    { state: 'PENDING', changedAt: '2026-03-29T03:00:00.000001Z' },
    { state: 'PLACED' },
  ]);
  for (const life of lives) expect({ ...life, files: [] }).toEqual({ ...first, files: [] });
  const files = lives.flatMap((life) => life.files);
  for (const zone of [...ZONES, 'UTC']) {
    const { code, err, out } = await partnerflow(['replay', ...files], { TZ: zone });
    expect({ zone, code, err: code === 0 ? '' : err + out }).toEqual({ zone, code: 0, err: '' });
  }
});

test('a time without an offset is local where the policy names the zone of its kind, whatever the zone of the process is', async () => {
  const part = await system.receive({ TZ: 'Pacific/Kiritimati' });
  const credited = async (userId: string, creditedAt: string): Promise<string> => {
    const params = paramsOf({ caId: 'a-spin-off', userId, amount: '-10', creditedAt });
    const id = await send(system.url, bitpanda(system.url, 'corporate-actions', params), agent);
    return eventually(async () => {
      const row = await system.database.kysely
        .selectFrom('movements')
        .select('credited_at')
        .where('delivery_id', '=', id)
        .executeTakeFirstOrThrow();
      return new Date(row.credited_at).toISOString();
    });
  };
  expect(await credited('in-summer', '2024-05-23 08:45:36')).toBe('2024-05-23T12:45:36.000Z');
  expect(await credited('in-winter', '2024-01-23T08:45:36')).toBe('2024-01-23T13:45:36.000Z');
  expect(await credited('with-an-offset', '2024-05-23T08:45:36Z')).toBe('2024-05-23T08:45:36.000Z');
  await part.end();
});
