import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import { Agent, request } from 'undici';

import { paramsOf } from '../corporate-actions/movements';
import { send, type Webhook } from '../faults/partner-stub';
import { openSystem, type System } from '../faults/system';
import { bitpanda, coinify, tradeOf, tradevest } from '../lifecycles/webhooks';
import { eventually } from '../support/eventually';
import { bitpandaEnvironment } from '../webhooks/bitpanda-partner';
import { hitsIn, IBAN, MAIL, NAME, PERSON } from './canaries';

jest.setTimeout(180_000);

const TOKEN = 'token-of-the-tests';
const CLI = join(__dirname, '..', '..', 'dist', 'src', 'cli.js');

let system: System;
const agent = new Agent();
const person = randomUUID();
const other = randomUUID();

beforeAll(async () => {
  system = await openSystem({
    // Nothing is encrypted: what is left of the person stands in the open, and is found.
    environmentOf: (url) => ({
      ...bitpandaEnvironment(url),
      OPERATIONS_TOKENS: JSON.stringify({ alice: TOKEN }),
      REFERENCE_HASH_KEY: Buffer.alloc(32, 7).toString('base64'),
    }),
  });
  await system.receive();
  system.work();
});

afterAll(async () => {
  await system.close();
  await agent.close();
});

async function call(method: 'GET' | 'POST', path: string, body?: object) {
  const { statusCode, body: answer } = await request(`${system.url}/operations${path}`, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: statusCode, text: await answer.text() };
}

async function erase(body: object = {}) {
  const { status, text } = await call('POST', '/erasures', { userId: person, reason: 'asked by letter', ...body });
  if (status !== 200) throw new Error(`${String(status)} ${text}`);
  const report: {
    readonly subjects: number;
    readonly erased: Readonly<Record<string, number>>;
    readonly left: Readonly<Record<string, { readonly count: number; readonly ids: readonly string[] }>>;
  } = JSON.parse(text);
  return report;
}

/** Every row of every table that names the person in the open. */
async function hits(): Promise<readonly string[]> {
  const { pool } = system.database;
  const tables = await pool.query(
    `SELECT quote_ident(table_name) AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const found: string[] = [];
  for (const { name } of tables.rows) {
    const { rows } = await pool.query(`SELECT t::text AS row FROM ${String(name)} t`);
    found.push(...rows.flatMap(({ row }) => hitsIn(String(name), String(row))));
  }
  return [...new Set(found)].sort();
}

async function settled(): Promise<void> {
  await eventually(async () => {
    expect(await system.balance()).toMatchObject({ pending: 0, open: 0, balanced: true });
    const { rows } = await system.database.pool.query('SELECT count(*)::int AS queued FROM message_changes');
    expect(rows).toEqual([{ queued: 0 }]);
  }, 60_000);
}

async function keep(webhook: Webhook): Promise<string> {
  const headers = { ...webhook.headers, 'x-customer-name': NAME };
  const id = await send(system.url, { ...webhook, headers }, agent);
  if (id === null) throw new Error('not kept');
  return id;
}

const trade = String(Math.floor(Math.random() * 1e12));
const movementOf = (userId: string) => paramsOf({ caId: randomUUID(), userId, amount: '1.00000000', type: 'dividend' });

describe('a person who is erased', () => {
  let movement: string;
  let untouched: string;

  beforeAll(async () => {
    const update = { ...PERSON, user_pid: person, action: 'verification', success: true, timestamp: 1_700_000_001 };
    await keep(bitpanda(system.url, 'user-updates', update));
    await keep(bitpanda(system.url, 'user-updates', update));
    movement = await keep(bitpanda(system.url, 'corporate-actions', { ...movementOf(person), ...PERSON }));
    await keep(tradevest('customer-notification', { ...PERSON, customerId: person, status: 'CREATED' }));
    await keep(coinify('trade.rejected', { ...tradeOf(trade), ...PERSON, traderId: person, rejectReason: 'DENIED' }));
    untouched = await keep(bitpanda(system.url, 'corporate-actions', { ...movementOf(other), note: 'harmless' }));
    await eventually(async () => {
      const { text } = await call('GET', `/flows/coinify:trade:${trade}`);
      expect(JSON.parse(text)).toMatchObject({ state: 'rejected', open: false });
    }, 60_000);
    await settled();
    const said = { partner: 'coinify', object: 'trade', id: trade, reference: `paid by ${NAME}`, userId: person };
    expect((await call('POST', '/expectations', said)).status).toBe(200);
    await settled();
  });

  test('is counted by a dry run, which changes nothing', async () => {
    const before = await hits();
    expect(before).toEqual(expect.arrayContaining([`delivery_bodies: ${NAME}`, `deliveries: ${NAME}`]));
    const report = await erase({ dryRun: true });
    expect(report.erased).toMatchObject({ deliveries: 5, bodies: 0 });
    expect(report.subjects).toBeGreaterThan(3);
    expect(await hits()).toEqual(before);
  });

  test('stands nowhere any more but as a pseudonym, and what could not be decoded is named', async () => {
    const parked = await keep(tradevest('customer-notification', { status: 'nobody knows', holder: 'x' }));
    await settled();
    const report = await erase();
    expect(report.erased).toMatchObject({ deliveries: 5, bodies: 5, references: 1 });
    expect(report.left.parked).toMatchObject({ ids: expect.arrayContaining([parked]) });
    expect(await hits()).toEqual([`deliveries: ${NAME}`, `kept_deliveries: ${NAME}`]);
    // The parked delivery keeps its headers, and so does the other person's.
    const { rows } = await system.database.pool.query(
      `SELECT id FROM deliveries WHERE headers::text LIKE '%' || $1 || '%' ORDER BY position`,
      [NAME],
    );
    expect(rows.map(({ id }) => String(id))).toEqual([untouched, parked]);
  });

  test('keeps the amounts that money rests on; the balance holds, and flows go on', async () => {
    await settled();
    const { text } = await call('GET', `/positions?user=${person}`);
    expect(JSON.parse(text)).toMatchObject({ items: [{ userId: person, amount: '1' }] });
    expect(await system.balance()).toMatchObject({ balanced: true });
  });

  test('is erased once, and in the audit each time', async () => {
    const again = await erase();
    expect(Object.values(again.erased).every((count) => count === 0)).toBe(true);
    const { text } = await call('GET', '/deeds?action=erase');
    const { items }: { readonly items: readonly object[] } = JSON.parse(text);
    expect(items).toMatchObject([
      { by: 'alice', reason: 'asked by letter', details: {} },
      { by: 'alice', target: `every partner:${person}`, details: { deliveries: 5, bodies: 5, references: 1 } },
    ]);
  });

  test('leaves evidence that says so', async () => {
    const { text } = await call('GET', `/deliveries/${movement}/evidence`);
    const evidence: { result: string; body: object; checks: readonly { says: string }[] } = JSON.parse(text);
    expect(evidence.body).toMatchObject({ state: 'removed', base64: null, erasedAt: expect.any(String) });
    expect(evidence.checks.map(({ says }) => says).join()).toContain('were erased at');
    expect(evidence.result).not.toBe('altered');
    const { workflow_id: workflowId } = await system.database.kysely
      .selectFrom('deliveries')
      .select('workflow_id')
      .where('id', '=', movement)
      .executeTakeFirstOrThrow();
    const flow = encodeURIComponent(workflowId ?? '');
    const shown = [`/deliveries/${movement}`, `/flows/${flow}`, '/messages', `/search?q=${person}`];
    for (const path of [...shown, `/deliveries/${movement}/evidence`]) {
      const answer = await call('GET', path);
      expect([path, answer.status, hitsIn('answer', answer.text)]).toEqual([path, 200, []]);
    }
    const { rows } = await system.database.pool.query(
      `SELECT count(*)::int AS kept, count(data)::int AS told FROM messages WHERE subject = $1`,
      [workflowId],
    );
    expect(rows).toMatchObject([{ kept: expect.any(Number), told: 0 }]);
    const kept = await call('GET', `/deliveries/${untouched}/evidence`);
    expect(JSON.parse(kept.text)).toMatchObject({ result: 'verified', body: { state: 'kept', erasedAt: null } });
  });

  test('who comes again is kept as anybody', async () => {
    const id = await keep(bitpanda(system.url, 'corporate-actions', { ...movementOf(person), mail: MAIL, iban: IBAN }));
    await settled();
    const { text } = await call('GET', `/deliveries/${id}`);
    const { bodyBase64 }: { bodyBase64: string } = JSON.parse(text);
    expect(Buffer.from(bodyBase64, 'base64').toString()).toContain(MAIL);
    expect((await erase({ partner: 'bitpanda' })).erased).toMatchObject({ deliveries: 1, bodies: 1 });
  });

  test.each([
    [{ reason: 'no user' }, 'userId'],
    [{ userId: person }, 'reason'],
    [{ userId: person, reason: 'x', partner: 'nobody' }, 'partner'],
  ])('%j is refused', async (body, field) => {
    const { status, text } = await call('POST', '/erasures', body);
    expect([status, JSON.parse(text)]).toMatchObject([422, { field }]);
  });
});

describe('an erasure that is killed', () => {
  const many = randomUUID();
  const MOST = 120;

  function run(...words: readonly string[]): ChildProcess {
    return spawn(process.execPath, [CLI, 'erase', '--user', many, '--reason', 'killed', ...words], {
      env: { PATH: process.env.PATH, DATABASE_URL: system.databaseUrl, TEMPORAL_ADDRESS: '127.0.0.1:1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  const exit = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.once('exit', (code) => resolve(code)));

  const erasedRows = async (): Promise<number> => {
    const { rows } = await system.database.pool.query(
      `SELECT count(*)::int AS erased FROM erased_deliveries e JOIN deliveries d ON d.id = e.id
       JOIN subject_details s ON s.workflow_id = d.workflow_id WHERE s.user_id = $1`,
      [many],
    );
    return Number(rows[0]?.erased);
  };

  test('goes on with what is left, and counts each delivery once', async () => {
    const posts = Array.from({ length: MOST }, () =>
      keep(bitpanda(system.url, 'corporate-actions', { ...movementOf(many), ...PERSON })),
    );
    await Promise.all(posts);
    await settled();
    const first = run();
    await eventually(async () => expect(await erasedRows()).toBeGreaterThan(0));
    first.kill('SIGKILL');
    await exit(first);
    expect(await exit(run('--json'))).toBe(0);
    expect(await erasedRows()).toBe(MOST);
    const { rows } = await system.database.pool.query(
      `SELECT details FROM operator_actions WHERE action = 'erase' AND reason = 'killed'`,
    );
    expect(rows).toMatchObject([{ details: { deliveries: MOST, bodies: MOST } }]);
    expect(await exit(run('--dry-run'))).toBe(0);
    expect(await system.balance()).toMatchObject({ balanced: true });
  });

  test('of a user nobody knows says so', async () => {
    const child = spawn(process.execPath, [CLI, 'erase', '--user', randomUUID(), '--reason', 'x', '--dry-run'], {
      env: { PATH: process.env.PATH, DATABASE_URL: system.databaseUrl, TEMPORAL_ADDRESS: '127.0.0.1:1' },
      stdio: 'ignore',
    });
    expect(await exit(child)).toBe(1);
  });
});
