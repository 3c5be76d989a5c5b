import pino from 'pino';

import { endSubject } from '../../src/domain/lifecycles/rules';
import { blankSubject, type Subject } from '../../src/domain/subject';
import { type OutboxSender, startOutboxSender } from '../../src/outbox/sender';
import { createEncryption } from '../../src/store/encryption';
import { type Database, openDatabase } from '../../src/store/database';
import { recordDetails } from '../../src/store/flows/details';
import { writeSubject } from '../../src/store/flows/subjects';
import { migrate } from '../../src/store/migrate';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { numberAll } from '../support/number-messages';
import { type Consumer, openConsumer } from './consumer';

const SECRET = 'a secret of this test';
const AT = '2026-03-02T09:00:00.000Z';
const CANARY = 'reference-of-jane-doe';
const encryption = createEncryption([{ id: 'a', key: Buffer.alloc(32, 1) }]);

let fresh: FreshDatabase;
let database: Database;
let consumer: Consumer;
let sender: OutboxSender;
beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 6 });
  await migrate(database.kysely);
  consumer = await openConsumer(SECRET);
  await consumer.start();
  sender = startOutboxSender({
    database: database.kysely,
    encryption,
    targets: { outcomes: { url: consumer.url, secret: SECRET } },
    types: ['order.*'],
    limits: { timeoutMs: 5_000, mostAttempts: 100 },
    logger: pino({ level: 'silent' }),
    pollMs: 20,
  });
});
afterAll(async () => {
  await sender.stop();
  await consumer.close();
  await database.close();
  await fresh.drop();
});

async function write(subject: Subject, expectedVersion: number): Promise<void> {
  const writeId = `run:${String(expectedVersion + 1)}`;
  const workflowId = `${subject.partner}:${subject.object}:${subject.id}`;
  const nothing = { outcomes: [], recovered: 0, alerts: [] };
  const one = { workflowId, runId: 'run', writeId, expectedVersion, firstOfRun: true, subject, ...nothing };
  await writeSubject(database.kysely, one, 60_000);
}

const placed: Subject = {
  ...blankSubject({ partner: 'tradevest', object: 'order', id: 'o-1' }, 'order', AT),
  ...{ state: 'PLACED', stateBy: 'partner', facts: { orderNumber: '7' } },
};

test('the types that are wanted reach the bank whole, in their order, and their references lie nowhere in clear', async () => {
  const wanted = database.kysely.selectFrom('outbox_targets').select('types');
  await eventually(async () => expect(await wanted.execute()).toEqual([{ types: ['order.*'] }]));
  const amounts = [{ what: 'gross', amount: '12.5', unit: 'EUR' }];
  const details = { userId: 'u-1', reference: CANARY, side: 'BUY', amounts };
  const keys = { encryption, referenceHashKey: null };
  const told = { workflowId: 'tradevest:order:o-1', partner: 'tradevest', toldAt: new Date(AT), details } as const;
  await recordDetails(database.kysely, keys, [told]);
  await write(placed, 0);
  await write(
    { ...blankSubject({ partner: 'tradevest', object: 'document', id: 'd' }, 'document', AT), state: 'PENDING' },
    0,
  );
  await write(endSubject({ ...placed, state: 'SETTLED', since: AT }, AT, 'read'), 1);
  await numberAll(database.kysely, encryption);
  await eventually(() => expect(consumer.applied()).toHaveLength(2));
  const [first, second] = consumer.applied();
  expect(first).toEqual({
    specversion: '1.0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    source: '/partnerflow/tradevest',
    type: 'order.placed',
    subject: 'tradevest:order:o-1',
    ...{ time: AT, timestamp: AT, sequence: '1' },
    datacontenttype: 'application/json',
    dataschema: 'urn:partnerflow:message:order.placed:1',
    data: {
      ...{ workflowId: 'tradevest:order:o-1', partner: 'tradevest', object: 'order', objectId: 'o-1' },
      ...{ state: 'PLACED', previousState: null, at: AT, changedAt: null, by: 'partner', ended: false },
      ...{ waitingFor: [], reason: null, facts: { orderNumber: '7' }, executions: [], amounts },
      ...{ userId: 'u-1', reference: CANARY, side: 'BUY', sandbox: null },
    },
  });
  expect(second).toMatchObject({
    type: 'order.settled',
    timestamp: AT,
    data: { state: 'SETTLED', previousState: 'PLACED', by: 'read', reference: CANARY, amounts, userId: 'u-1' },
  });
  const stored = await Promise.all(
    (['messages', 'outbox', 'message_changes', 'subjects'] as const).map((table) =>
      database.kysely.selectFrom(table).selectAll().execute(),
    ),
  );
  expect(stored.flat().length).toBeGreaterThan(5);
  expect(JSON.stringify(stored)).not.toContain(CANARY);
});
