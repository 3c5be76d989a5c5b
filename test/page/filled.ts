import { createHash, randomUUID } from 'node:crypto';

import type { OutboxState } from '../../src/domain/outgoing';
import { type Api, follow, keep } from '../operations/harness';
import { announced, book, judged, owe } from '../operations/ledger-rows';

/** What a partner, or somebody who talks through one, might send to be shown. */
export const HOSTILE = `<script>alert(1)</script>"onmouseover="alert(2)" '><img src=x onerror=alert(3)> javascript:alert(4)`;

const MINUTE_MS = 60_000;

function ago(minutes: number): string {
  return new Date(Date.now() - minutes * MINUTE_MS).toISOString();
}

export interface Filled {
  readonly overdue: string;
  readonly hostile: string;
  readonly ended: string;
  readonly plan: string;
  readonly parked: string;
  readonly hostileDelivery: string;
  readonly obligation: string;
  readonly caId: string;
  readonly deadMessage: string;
}

async function fillFlows(api: Api, said: string): Promise<Pick<Filled, 'overdue' | 'hostile' | 'ended' | 'plan'>> {
  const { kysely } = api.database;
  const overdue = 'tradevest:order:5f0f1d3a-4b1c-4c1e-9d55-0a4b8a4f2c11';
  const slow = { finding: 'slow', at: ago(55), state: 'FILLED', found: 'FILLED' } as const;
  await follow(kysely, overdue, {
    ...{ id: overdue.slice(16), overdue: true, finding: 'slow', findings: [slow], dueAt: ago(60), since: ago(200) },
    facts: { assetId: 'a-17' },
  });
  await follow(kysely, 'coinify:trade:88121', {
    ...{ partner: 'coinify', object: 'trade', id: '88121', state: 'created', waitingFor: ['completed', 'expired'] },
    ...{ overdue: true, finding: 'unreachable', dueAt: ago(2_900), since: ago(9_000) },
  });
  const hostile = `tradevest:order:${encodeURIComponent(said)}`;
  await follow(kysely, hostile, {
    ...{ id: said, state: said, waitingFor: [said], overdue: true, finding: 'contradiction', dueAt: ago(7) },
    ...{ findings: [{ finding: 'contradiction', at: ago(6), state: said, found: said }], facts: { x: said } },
  });
  await kysely
    .updateTable('subjects')
    .set({ last_reading: JSON.stringify({ at: ago(6), reading: { kind: 'object', status: said } }) })
    .where('workflow_id', '=', hostile)
    .execute();
  const ended = 'tradevest:order:ended';
  await follow(kysely, ended, { id: 'ended', end: { state: 'SETTLED', at: ago(10), by: 'operator' } });
  const plan = 'bitpanda:savings-plan:1';
  const recurrence = {
    transactionId: 'r-1',
    state: 'upcoming',
    deadline: ago(-300),
    decision: null,
    confirmedAt: null,
  };
  await follow(kysely, plan, { partner: 'bitpanda', object: 'savings-plan', id: '1', lifecycle: 'savingsPlan' });
  await kysely
    .updateTable('subjects')
    .set({ subject: JSON.stringify({ findings: [], end: null, recurrences: [recurrence] }) })
    .where('workflow_id', '=', plan)
    .execute();
  const deed = { by: 'bob', action: 'extend', details: JSON.stringify({ seconds: 3600 }) };
  await kysely
    .insertInto('operator_actions')
    .values([
      { ...deed, target: overdue, reason: 'the partner said tomorrow' },
      { ...deed, target: hostile, reason: said, by: said },
    ])
    .execute();
  return { overdue, hostile, ended, plan };
}

async function fillDeliveries(
  api: Api,
  flow: string,
  said: string,
): Promise<Pick<Filled, 'parked' | 'hostileDelivery'>> {
  const { kysely } = api.database;
  const problem = { path: 'orderStatus', expected: 'one of RECEIVED, PLACED, FILLED', found: 'TELEPORTED' };
  const parked = await keep(kysely, { status: 'parked', problem });
  const hostileDelivery = await keep(kysely, {
    ...{ status: 'parked', problem: { path: said, expected: said, found: said } },
    headers: [
      ['User-Agent', said],
      [`X-${said}`, 'x'],
    ],
  });
  await keep(kysely, { status: 'delivered', outcome: 'applied', workflowId: flow });
  await keep(kysely, { status: 'delivered', outcome: 'repeated', workflowId: flow });
  await keep(kysely, { partner: 'coinify', status: 'duplicate' });
  await kysely
    .insertInto('counters')
    .values([
      { name: 'recovered', partner: 'tradevest', slot: 0, value: '1' },
      { name: 'rejected', partner: 'coinify', slot: 0, value: '2' },
    ])
    .execute();
  const rejection = {
    ...{ at: new Date(), partner: 'coinify' as const, body_bytes: 120, raw: null },
    body_sha256: createHash('sha256').update('').digest(),
  };
  await kysely
    .insertInto('rejections')
    .values([
      { ...rejection, route: 'coinify', reason: 'wrong-signature' },
      { ...rejection, route: said, reason: said },
    ])
    .execute();
  return { parked, hostileDelivery };
}

async function fillLedger(api: Api, said: string): Promise<Pick<Filled, 'obligation' | 'caId'>> {
  const { kysely } = api.database;
  const caId = 'c1d5b1a0-7a3e-4e0e-8a50-cc2f1a77d001';
  const [old, fresh] = ['asset:17', 'asset:4711'];
  await announced(kysely, { caId, old, fresh: [fresh] });
  await book(kysely, { user: 'user-1', instrument: old, amount: '-10', caId });
  const { id: obligation } = await owe(kysely, { user: 'user-1', instrument: 'fiat:1', amount: '12.5', caId });
  await owe(kysely, { user: said, instrument: 'fiat:1', amount: '1', caId });
  const missing = { kind: 'missing-leg', leg: 'new-in', instrument: fresh, expected: '5', found: null } as const;
  await judged(kysely, { caId, user: 'user-1', verdict: 'break', breaks: [missing], before: '10' });
  await judged(kysely, {
    ...{ caId, user: said, verdict: 'break', breaks: [{ ...missing, instrument: said, found: said }] },
    resolution: { by: said, reason: said, result: 'done', at: ago(3) },
  });
  await judged(kysely, { caId, user: 'user-3', verdict: 'complete' });
  return { obligation, caId };
}

/** A message of the outbox; its id. */
export async function tell(api: Api, subject: string, state: OutboxState, failure: string | null): Promise<string> {
  const id = randomUUID();
  const body = JSON.stringify({ type: 'movement.booked', timestamp: ago(90), data: { workflowId: subject } });
  await api.database.kysely
    .insertInto('outbox')
    .values({
      ...{
        id,
        target: 'outcomes',
        subject,
        type: 'movement.booked',
        body,
        state,
        attempts: 250,
        last_failure: failure,
      },
      ended_at: state === 'waiting' ? null : new Date(ago(30)),
    })
    .execute();
  return id;
}

async function fillOutbox(api: Api, flow: string, said: string): Promise<Pick<Filled, 'deadMessage'>> {
  const deadMessage = await tell(api, flow, 'dead', 'status 500');
  await tell(api, said, 'dead', said);
  await tell(api, flow, 'waiting', 'timeout');
  await tell(api, flow, 'sent', null);
  return { deadMessage };
}

/** A database with something on every page; `said` stands wherever somebody else may choose the words. */
export async function fill(api: Api, said = HOSTILE): Promise<Filled> {
  const flows = await fillFlows(api, said);
  return {
    ...flows,
    ...(await fillDeliveries(api, flows.overdue, said)),
    ...(await fillLedger(api, said)),
    ...(await fillOutbox(api, flows.overdue, said)),
  };
}

/** Every page there is to look at. */
export function everyPage(filled: Filled): readonly string[] {
  const at = (kind: string, id: string): string => `/operations/page/${kind}/${encodeURIComponent(id)}`;
  return [
    '/operations/',
    '/operations/page/flows',
    '/operations/page/flows?show=open&limit=1',
    '/operations/page/flows?show=ended',
    at('flow', filled.overdue),
    at('flow', filled.hostile),
    at('flow', filled.ended),
    at('flow', filled.plan),
    '/operations/page/deliveries?status=parked',
    '/operations/page/deliveries',
    at('delivery', filled.parked),
    at('delivery', filled.hostileDelivery),
    '/operations/page/outbox?state=dead',
    '/operations/page/outbox',
    '/operations/page/rejections',
    '/operations/page/breaks',
    at('corporate-action', filled.caId),
    '/operations/page/obligations',
    '/operations/page/obligations?show=overdue',
    '/operations/page/deeds',
    '/operations/page/report',
    '/operations/page/search?q=user-1',
    `/operations/page/search?q=${encodeURIComponent(filled.overdue)}`,
    '/operations/page/search?q=nobody',
    '/operations/page/nothing',
  ];
}
