import { sql } from 'kysely';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';

import { type OutboxSender, type OutboxSenderOptions, startOutboxSender, waitAfter } from '../../src/outbox/sender';
import { DEFAULT_TYPES } from '../../src/domain/messages/wanted-types';
import { IN_CLEAR } from '../../src/store/encryption';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { retryMessage } from '../../src/store/outbox/list';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { type Backend, isTaken, startBackend, type Treatment } from './backend';
import { enqueue, shownRows, wantOutcomes } from './waiting';

const SECRET = `whsec_${Buffer.from('a secret of this test, long enough').toString('base64')}`;

let fresh: FreshDatabase;
let database: Database;
let backend: Backend;
let senders: OutboxSender[];
let log: string;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 6 });
  await migrate(database.kysely);
  await wantOutcomes(database.kysely);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});
beforeEach(async () => {
  await database.kysely.deleteFrom('outbox').execute();
  backend = await startBackend(new Webhook(SECRET));
  senders = [];
  log = '';
});
afterEach(async () => {
  await Promise.all(senders.map((sender) => sender.stop()));
  await backend.close();
});

function send(options: Partial<OutboxSenderOptions['limits']> & { readonly url?: string } = {}): void {
  const { url = backend.url, ...limits } = options;
  const logger = pino({ level: 'trace' }, { write: (line) => void (log += line) });
  const sender = startOutboxSender({
    database: database.kysely,
    targets: { outcomes: { url, secret: SECRET } },
    types: DEFAULT_TYPES,
    encryption: IN_CLEAR,
    limits: { timeoutMs: 5_000, mostAttempts: 100, ...limits },
    logger,
    pollMs: 20,
  });
  senders.push(sender);
}

/** What is said for the first, second … try of any message. */
function treatInTurn(...turns: readonly Treatment[]): void {
  const tries = new Map<string, number>();
  backend.treat = ({ id }) => {
    const turn = tries.get(id) ?? 0;
    tries.set(id, turn + 1);
    return turns[turn] ?? 'takes';
  };
}

async function states(): Promise<readonly string[]> {
  return (await shownRows(database.kysely)).map(({ state }) => state);
}

describe('what waits in the outbox', () => {
  test('arrives signed so that a standard library accepts it, in order, whoever of several sends it', async () => {
    for (let number = 1; number <= 5; number += 1)
      for (const subject of ['a', 'b', 'c', 'd']) await enqueue(database.kysely, subject, number);
    for (let count = 0; count < 3; count += 1) send();
    await eventually(async () => expect(new Set(await states())).toEqual(new Set(['sent'])));
    for (const subject of ['a', 'b', 'c', 'd'])
      expect(backend.arrivals.filter(({ data }) => data.workflowId === subject).map(({ data }) => data.n)).toEqual([
        1, 2, 3, 4, 5,
      ]);
    expect(backend.forged).toEqual([]);
    expect(backend.arrivals).toHaveLength(20);
  });

  test.each<readonly [Treatment, string]>([
    ['fails', 'status 500'],
    ['redirects', 'status 307'],
    ['closes', 'UND_ERR_SOCKET'],
    ['hangs', 'timeout'],
    ['fails with endless text', 'status 500'],
  ])('is sent again, under the same id, to a receiver that %s, and what is behind it waits', async (treatment, why) => {
    treatInTurn(treatment);
    await enqueue(database.kysely, 'a', 1, 2);
    send({ timeoutMs: 400 });
    await eventually(() => expect(log).toContain(`"failure":"${why}"`));
    expect(backend.arrivals.map(({ data }) => data.n)).not.toContain(2);
    await eventually(async () => expect(await states()).toEqual(['sent', 'sent']));
    const tries = backend.arrivals.map(({ data }) => data.n);
    expect(tries).toEqual([1, 1, 2, 2]);
    expect(new Set(backend.arrivals.map(({ id }) => id)).size).toBe(2);
    expect(backend.redirected).toEqual([]);
  });

  test.each<Treatment>(['takes with endless text', 'takes and closes'])(
    'is taken by a receiver that %s: nothing after its 2xx counts',
    async (treatment) => {
      treatInTurn(treatment);
      await enqueue(database.kysely, 'a', 1);
      send({ timeoutMs: 2_000 });
      await eventually(async () => expect(await states()).toEqual(['sent']));
      expect(backend.arrivals).toHaveLength(1);
    },
  );

  test('is dead after so many tries, lets what is behind it pass, and is sent when an operator has it tried again', async () => {
    backend.treat = ({ data }) => (data.n === 1 ? 'refuses' : 'takes');
    await enqueue(database.kysely, 'a', 1, 2);
    send({ mostAttempts: 2 });
    await eventually(async () => expect(await states()).toEqual(['dead', 'sent']));
    expect(await shownRows(database.kysely)).toMatchObject([{ attempts: 2, failure: 'status 422' }, { failure: null }]);
    expect(log).toContain('"level":50');
    backend.treat = () => 'takes';
    const [dead] = await database.kysely.selectFrom('outbox').select('id').where('state', '=', 'dead').execute();
    expect(await retryMessage(database.kysely, dead?.id ?? '', 'alice')).toBe('retried');
    await eventually(async () => expect(await states()).toEqual(['sent', 'sent']));
    expect(backend.arrivals.filter(isTaken).map(({ data }) => data.n)).toEqual([2, 1]);
  });

  test('tells no log the secret, the address, or what a message holds', async () => {
    await enqueue(database.kysely, 'a', 1);
    await enqueue(database.kysely, 'b', 1);
    const address = new URL(backend.url);
    address.searchParams.set('token', 'hush-hush');
    treatInTurn('hangs');
    send({ url: address.toString(), timeoutMs: 300 });
    await eventually(() => expect(log).toContain('"timeout"'));
    await backend.close();
    await eventually(() => expect(log).toContain('ECONNREFUSED'));
    for (const secret of [SECRET, SECRET.slice(6), 'hush-hush', address.host, 'workflowId'])
      expect(log).not.toContain(secret);
    backend = await startBackend(new Webhook(SECRET));
  });
});

test('what was sent long ago is removed to the last, however much it is; what was sent lately stays', async () => {
  await sql`
    INSERT INTO outbox (id, target, type, subject, body, state, ended_at)
    SELECT gen_random_uuid(), 'outcomes', 'movement.booked', 's' || n, '{}', 'sent',
           now() - CASE WHEN n = 0 THEN 13 ELSE 15 END * interval '1 day'
    FROM generate_series(0, 2_500) AS n`.execute(database.kysely);
  send();
  const left = await eventually(async () => {
    const rows = await database.kysely.selectFrom('outbox').select('subject').execute();
    expect(rows.length).toBeLessThan(500);
    return rows;
  }, 10_000);
  expect(left).toEqual([{ subject: 's0' }]);
});

test('waits grow to a quarter of an hour, less a random part, until it has been tried often enough', () => {
  expect([1, 2, 3, 10].map((attempts) => waitAfter(attempts, 250, 0))).toEqual([1_000, 2_000, 4_000, 512_000]);
  expect(waitAfter(1, 250, 1)).toBe(500);
  expect(waitAfter(40, 250, 0)).toBe(900_000);
  expect(waitAfter(249, 250, 0)).toBe(900_000);
  expect(waitAfter(250, 250, 0)).toBeNull();
});
