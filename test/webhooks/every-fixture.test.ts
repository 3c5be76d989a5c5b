import { sql } from 'kysely';
import { Agent } from 'undici';

import { send } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { bitpandaEnvironment } from './bitpanda-partner';
import { EVERY_FIXTURE, type ExpectedFixture } from './fixture-table';
import { webhookOf } from './fixture-webhook';
import { WHOLE_INDEX } from './whole-index-table';

jest.setTimeout(240_000);

let system: System;
const agent = new Agent();

beforeAll(async () => {
  system = await openSystem({ environmentOf: (partnersUrl) => bitpandaEnvironment(partnersUrl) });
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

/** Nothing of an earlier fixture is left: no row, and no flow that could take the next one's signal. */
async function emptyStore(): Promise<void> {
  const subjects = await system.database.kysely.selectFrom('subjects').select('workflow_id').execute();
  await Promise.all(
    subjects.map(({ workflow_id }) =>
      system.client.workflow
        .getHandle(workflow_id)
        .terminate()
        .catch(() => undefined),
    ),
  );
  await sql`TRUNCATE deliveries, subjects, event_keys, counters, alerts`.execute(system.database.kysely);
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
  });
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
