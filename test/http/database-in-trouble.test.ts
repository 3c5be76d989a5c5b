import { migrate } from '../../src/store/migrate';
import { eventually } from '../support/eventually';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres';
import { coinify, exchange, sign, startTestReceiver, statuses, type TestReceiver } from './receiver-on-sockets';

const CLOSE = 'Connection: close';
const KEPT_BY_US_MS = 5_000;

let postgres: OwnPostgres;
let receiver: TestReceiver;
let port: number;

beforeEach(async () => {
  postgres = await startOwnPostgres();
  receiver = await startTestReceiver(postgres.url);
  await migrate(receiver.database.kysely);
  port = receiver.listener.port;
});
afterEach(async () => {
  await receiver.close();
  await postgres.stop();
});

/** The answer, or null where the limit of 5 s passes without one. */
async function withinLimit(request: string): Promise<string | null> {
  const limit = new Promise<null>((resolve) => {
    setTimeout(() => resolve(null), KEPT_BY_US_MS).unref();
  });
  return Promise.race([exchange(port, request), limit]);
}

async function total(name: 'received' | 'rejected'): Promise<number> {
  const rows = await receiver.database.kysely.selectFrom('counters').select('value').where('name', '=', name).execute();
  return rows.reduce((sum, { value }) => sum + Number(value), 0);
}

it('answers 503 with Retry-After within 5 s of a database that hangs, and keeps again when it goes on', async () => {
  expect(statuses(await exchange(port, coinify('{"n":0}', [CLOSE])))).toEqual([200]);
  postgres.hang();
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => withinLimit(coinify(`{"n":${index}}`, [CLOSE]))),
  );
  postgres.resume();
  expect(answers.map((answer) => statuses(answer ?? ''))).toEqual(answers.map(() => [503]));
  for (const answer of answers) expect(answer).toMatch(/\r\nRetry-After: [1-9]\d*\r\n/);
  await eventually(async () => {
    expect(statuses(await exchange(port, coinify('{"n":-1}', [CLOSE])))).toEqual([200]);
  });
  const { rows } = await receiver.database.pool.query<{ count: string }>('SELECT count(*) FROM deliveries');
  expect(await total('received')).toBe(Number(rows[0]?.count));
});

it('answers 401 as ever while the database hangs, and counts those refusals afterwards', async () => {
  const forged = coinify('{}', [CLOSE]).replace(sign('{}'), sign('{}', 'stranger'));
  const well = await exchange(port, forged);
  postgres.hang();
  const answers = await Promise.all(Array.from({ length: 20 }, () => withinLimit(forged)));
  postgres.resume();
  expect(new Set(answers)).toEqual(new Set([well]));
  await eventually(async () => expect(await total('rejected')).toBe(21));
});

it('has every delivery it answered 200 for after a kill -9 of the database under load', async () => {
  const acknowledged: string[] = [];
  const others: number[] = [];
  let going = true;
  const sender = async (name: number): Promise<void> => {
    for (let index = 0; going; index += 1) {
      const answer = await exchange(port, coinify(`{"sender":${name},"n":${index}}`, [CLOSE]));
      const id = /Delivery-Id: (\S+)/.exec(answer)?.[1];
      if (id === undefined) others.push(...statuses(answer));
      else acknowledged.push(id);
    }
  };
  const senders = Array.from({ length: 8 }, (_, name) => sender(name));
  await eventually(() => expect(acknowledged.length).toBeGreaterThan(50));
  await postgres.killAndRestart();
  const atRestart = acknowledged.length;
  await eventually(() => expect(acknowledged.length).toBeGreaterThan(atRestart + 50));
  going = false;
  await Promise.all(senders);
  const { rows } = await receiver.database.pool.query<{ id: string }>('SELECT id FROM deliveries');
  const kept = new Set(rows.map(({ id }) => id));
  expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  expect(others.filter((status) => status !== 503)).toEqual([]);
  expect(await total('received')).toBe(kept.size);
});
