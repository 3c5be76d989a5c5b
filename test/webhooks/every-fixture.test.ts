import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type WorkflowExecutionDescription, type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { sql } from 'kysely';
import { Agent, request } from 'undici';

import { KNOWN_PARTNERS } from '../support/partners';
import { send, type Webhook } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { ownNamespace } from '../support/set-up-temporal';
import { bitpandaEnvironment } from './bitpanda-partner';
import { EVERY_FIXTURE, type ExpectedFixture } from './fixture-table';
import { webhookOf } from './fixture-webhook';
import { WHOLE_INDEX } from './whole-index-table';

jest.setTimeout(240_000);

const DETAILS: Readonly<Record<string, { readonly userId?: string; readonly reference?: string }>> = JSON.parse(
  readFileSync(join(__dirname, '..', 'partners', 'details-of-fixtures.json'), 'utf8'),
);

let system: System;
const agent = new Agent();

beforeAll(async () => {
  system = await openSystem({
    namespace: await ownNamespace(),
    environmentOf: (partnersUrl) => bitpandaEnvironment(partnersUrl),
  });
  await system.receive();
  system.work();
});

afterAll(async () => {
  await agent.close();
  await system.close();
});

/** What became of a delivery: its event, its workflow and its outcome, or its status where it has none. */
async function becameOf(deliveryId: string) {
  return eventually(async () => {
    const row = await system.database.kysely
      .selectFrom('deliveries')
      .select(['event', 'workflow_id', 'status', 'outcome'])
      .where('id', '=', deliveryId)
      .executeTakeFirstOrThrow();
    if (row.status === 'pending' || (row.status === 'delivered' && row.outcome === null)) throw new Error('not yet');
    return { event: row.event, workflowId: row.workflow_id, became: row.outcome ?? row.status };
  });
}

async function stateOf(workflowId: string | null): Promise<string | null> {
  if (workflowId === null) return null;
  const row = await system.database.kysely
    .selectFrom('subjects')
    .select('state')
    .where('workflow_id', '=', workflowId)
    .executeTakeFirst();
  return row?.state ?? null;
}

const { PENDING_ACTIVITY_STATE_STARTED } = temporal.api.enums.v1.PendingActivityState;

/**
 * Ends a flow while nothing of it is under way: what is would write its row after the store was emptied. A local activity
 * is part of a workflow task.
 */
async function end(workflowId: string): Promise<void> {
  const handle = system.client.workflow.getHandle(workflowId);
  await eventually(async () => {
    const description = await descriptionOf(handle);
    if (description === null) return;
    const { pendingActivities, pendingWorkflowTask } = description.raw;
    const underWay = (pendingActivities ?? []).filter(({ state }) => state === PENDING_ACTIVITY_STATE_STARTED);
    expect({ underWay, pendingWorkflowTask: pendingWorkflowTask ?? null }).toEqual({
      underWay: [],
      pendingWorkflowTask: null,
    });
    if (description.status.name === 'RUNNING') await handle.terminate();
  });
}

/** What Temporal knows of a flow; null for a subject that is recorded alone. */
async function descriptionOf(handle: WorkflowHandle): Promise<WorkflowExecutionDescription | null> {
  try {
    return await handle.describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Nothing of an earlier fixture is left: no row, and no flow that could take the next one's signal. */
async function emptyStore(): Promise<void> {
  const subjects = await system.database.kysely.selectFrom('subjects').select('workflow_id').execute();
  await Promise.all(subjects.map(({ workflow_id }) => end(workflow_id)));
  // A write that is under way may hold what this wants, and want what this holds.
  await eventually(() =>
    sql`TRUNCATE deliveries, subjects, event_keys, counters, alerts, movements, contradictions, alias_evidence,
    openings, obligations, subject_details, corporate_actions, transaction_sets, movements_awaited`.execute(
      system.database.kysely,
    ),
  );
}

async function post(fixture: ExpectedFixture): Promise<string> {
  const id = await send(system.url, webhookOf(fixture, system.url), agent);
  if (id === null) throw new Error(`${fixture.file} was not kept`);
  return id;
}

describe('each payload of the partners’ pages, posted alone to an empty store', () => {
  beforeEach(emptyStore);

  test.each(EVERY_FIXTURE)('$partner $file', async (fixture) => {
    const id = await post(fixture);
    const { event, workflowId, became } = await becameOf(id);
    const state = await stateOf(workflowId);
    const expected = fixture.workflowId?.replace('<delivery id>', id) ?? null;
    expect({ event, workflowId, became, state }).toEqual({
      event: fixture.event,
      workflowId: expected,
      became: fixture.became,
      state: fixture.state,
    });
    // One that is parked says nothing of its subject before it is retried.
    if (became === 'parked') return;
    const details = await eventually(() => detailsOf(expected ?? ''));
    expect(details.user_id).toBe(detailsOfFixture(fixture).userId ?? null);
    expect(details.reference?.toString() ?? null).toBe(detailsOfFixture(fixture).reference ?? null);
  });
});

function detailsOfFixture({ partner, file }: ExpectedFixture): {
  readonly userId?: string;
  readonly reference?: string;
} {
  return DETAILS[`${partner} ${file}`] ?? {};
}

/** The row of details, which dispatch may write after its flow has written its outcome. */
async function detailsOf(workflowId: string) {
  return system.database.kysely
    .selectFrom('subject_details')
    .select(['user_id', 'reference'])
    .where('workflow_id', '=', workflowId)
    .executeTakeFirstOrThrow();
}

test('every printed webhook under test/fixtures stands in the table, and in the one of the whole index', () => {
  const files = KNOWN_PARTNERS.flatMap((partner) =>
    readdirSync(join(__dirname, '..', 'fixtures', partner)).map((file) => `${partner}/${file.replace(/\.json$/, '')}`),
  );
  expect(EVERY_FIXTURE.map(({ partner, file }) => `${partner}/${file}`).sort()).toEqual(files.sort());
  expect(WHOLE_INDEX.map((line) => line.split(' ')[0]).sort()).toEqual(files.sort());
});

test('the whole index once, in order, into one store: every delivery has an outcome, versions count once, and the balance holds', async () => {
  await emptyStore();
  const found: string[] = [];
  for (const fixture of EVERY_FIXTURE) {
    const { became } = await becameOf(await post(fixture));
    found.push(`${fixture.partner}/${fixture.file} ${became}`);
  }
  expect(found).toEqual(WHOLE_INDEX);
  const balance = await system.balance();
  expect(balance).toMatchObject({ received: EVERY_FIXTURE.length, pending: 0, open: 0, balanced: true });
});

const BY_NAME_ALONE = [
  'legal-entity-notification',
  'legal-representative-notification',
  'partner-notification',
  'joint-person-notification',
  'tax-exemption-order-notification',
  'corporate-action-notification',
  'savings-plans-notification',
  'tokenized-asset-order-notification',
];

test.each([...BY_NAME_ALONE, 'never-heard-of'])('an authentic %s is kept and parked', async (route) => {
  const [known] = EVERY_FIXTURE;
  if (known === undefined) throw new Error('no fixture');
  const webhook = { ...webhookOf(known, system.url), path: `/webhooks/tradevest/${route}`, body: '{"id":"1"}' };
  const id = await send(system.url, webhook, agent);
  const { became, workflowId, event } = await becameOf(id ?? '');
  const name = BY_NAME_ALONE.includes(route) ? route.toUpperCase().replaceAll('-', '_') : null;
  expect({ became, workflowId, event }).toEqual({ became: 'parked', workflowId: null, event: name });
});

/** What a partner's webhook looks like when it is not from the partner: each changes a right one in one thing. */
const FORGERIES: readonly (readonly [string, (webhook: Webhook, other: Webhook) => Webhook])[] = [
  ['its credential stripped', (webhook) => ({ ...webhook, headers: {} })],
  ['another partner’s credential', (webhook, other) => ({ ...webhook, headers: other.headers })],
  ['its credential cut short', (webhook) => ({ ...webhook, headers: mapped(webhook, (value) => value.slice(0, -3)) })],
  ['a wrong key', (webhook) => ({ ...webhook, headers: mapped(webhook, (value) => value.replace(/[a-f0-9]/g, '7')) })],
];

function mapped({ headers }: Webhook, change: (value: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, change(value)]));
}

async function answerTo(webhook: Webhook): Promise<string> {
  const answered = await request(`${system.url}${webhook.path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...webhook.headers },
    body: webhook.body,
    dispatcher: agent,
  });
  const { date, ...headers } = answered.headers;
  return JSON.stringify([answered.statusCode, { ...headers, date: date === undefined }, await answered.body.text()]);
}

test('whatever is wrong with a request of whichever partner, it is refused alike: the same answer, byte for byte', async () => {
  const ofPartner = KNOWN_PARTNERS.map((partner) => {
    const fixture = EVERY_FIXTURE.find((one) => one.partner === partner);
    if (fixture === undefined) throw new Error('no fixture');
    return webhookOf(fixture, system.url);
  });
  const forged = ofPartner.flatMap((webhook, index) => {
    const other = ofPartner[(index + 1) % ofPartner.length] ?? webhook;
    const signed = webhook.path.startsWith('/webhooks/tradevest') ? [] : [{ ...webhook, body: `${webhook.body} ` }];
    return [...FORGERIES.map(([, change]) => change(webhook, other)), ...signed];
  });
  const elsewhere = ofPartner.slice(2).map((webhook) => ({ ...webhook, path: '/webhooks/bitpanda/reports' }));
  const answers = new Set<string>();
  for (const webhook of [...forged, ...elsewhere]) answers.add(await answerTo(webhook));
  expect([...answers]).toHaveLength(1);
  expect([...answers][0]).toMatch(/^\[401,/);
  for (const webhook of ofPartner) expect(await answerTo(webhook)).toMatch(/^\[200,/);
});
