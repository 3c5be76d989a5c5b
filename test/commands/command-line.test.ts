import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { type Api, follow, keep, openApi } from '../operations/harness';
import { partnerflow, type Ran } from '../support/partnerflow';
import { testServers } from '../support/servers';

const CLI = resolve('dist/src/cli.js');

let api: Api;
let folder: string;
beforeAll(async () => {
  api = await openApi();
  folder = mkdtempSync(join(tmpdir(), 'partnerflow-commands-'));
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  for (const table of ['deliveries', 'counters', 'subjects', 'rejections'] as const)
    await api.database.kysely.deleteFrom(table).execute();
});

function run(arguments_: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return partnerflow(arguments_, environment, folder);
}

function onStore(...arguments_: readonly string[]): Promise<Ran> {
  return run(arguments_, {
    DATABASE_URL: api.databaseUrl,
    TEMPORAL_ADDRESS: testServers().temporalAddress,
    TEMPORAL_UI_URL: 'http://ui.example',
  });
}

const problem = {
  path: 'status',
  expected: 'a known status; add a new one in src/partners/tradevest/statuses.ts',
  found: 'INVENTED',
};

describe('partnerflow', () => {
  const commands = [
    'setup',
    'receive',
    'dispatch',
    'work',
    'dev',
    'demo',
    'overdue',
    'flow',
    'parked',
    'retry',
    'find',
    'report',
    'expect',
    'policy',
    'balance',
    'rejected',
    'evidence',
    'retention',
    'erase',
    'rotate-bodies',
    'codec-server',
    'replay',
  ];

  it('names every command in its help', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const command of commands) expect(out).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
  });

  it.each(commands)('%s has a help of its own', async (command) => {
    const { code, out } = await run([command, '--help']);
    expect(code).toBe(0);
    expect(out).toContain(`Usage: partnerflow ${command}`);
  });

  it.each([
    [[]],
    [['nonsense']],
    [['parked', '--nonsense']],
    [['flow']],
    [['expect', 'tradevest', 'order']],
    [['expect', 'tradevest', 'order', '1', '--file', 'x.csv']],
    [['expect', '--file', 'no-such-file.csv']],
    [['expect', 'tradevest', 'order', '1', '--due-within-seconds', 'soon']],
    [['retry']],
    [['retry', randomUUID(), '--all']],
  ])('%j is wrong use: exit code 2 and a sentence', async (arguments_) => {
    const { code, out, err } = await onStore(...arguments_);
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).not.toBe('');
    expect(err).not.toMatch(/^ +at /m);
  });

  it('names every bad variable at once with exit code 2', async () => {
    const { code, err } = await run(['receive'], { RECEIVER_PORT: 'x', COINIFY_ACCESS_TOKEN: 'hush' });
    expect(code).toBe(2);
    for (const name of ['DATABASE_URL', 'RECEIVER_PORT', 'COINIFY_API_URL']) expect(err).toContain(name);
    expect(err).not.toContain('hush');
  });

  it.each(['127.0.0.1', 'localhost'])(
    'says in a sentence that PostgreSQL is away at %s, with exit code 3',
    async (host) => {
      const { code, err } = await run(['parked'], { DATABASE_URL: `postgres://nobody@${host}:1/nothing` });
      expect(code).toBe(3);
      expect(err).toMatch(/^PostgreSQL is away: .*127\.0\.0\.1:1/);
      expect(err).not.toMatch(/^ +at /m);
    },
  );

  it('asks whether setup has run where the database is not there, with exit code 3', async () => {
    const { code, err } = await run(['parked'], { DATABASE_URL: api.databaseUrl.replace(/\/[^/]*$/, '/never_set_up') });
    expect(code).toBe(3);
    expect(err).toMatch(/^PostgreSQL cannot be used: .*never_set_up.*partnerflow setup/);
  });

  it('uses the servers of a running dev where DATABASE_URL is unset', async () => {
    mkdirSync(join(folder, '.partnerflow'));
    const content = { databaseUrl: api.databaseUrl, temporalAddress: '127.0.0.1:1', temporalUiUrl: null };
    writeFileSync(join(folder, '.partnerflow', 'dev.json'), JSON.stringify(content));
    const { code, out } = await run(['parked']);
    rmSync(join(folder, '.partnerflow'), { recursive: true });
    expect([code, out]).toEqual([0, 'Nothing is parked.\n']);
  });

  it('says with exit code 2 that the file of a running dev cannot be used', async () => {
    mkdirSync(join(folder, '.partnerflow'));
    writeFileSync(join(folder, '.partnerflow', 'dev.json'), '{"databaseUrl": ');
    const { code, err } = await run(['parked']);
    rmSync(join(folder, '.partnerflow'), { recursive: true });
    expect([code, err]).toEqual([2, '.partnerflow/dev.json: expected a readable JSON file, or none, found another\n']);
  });
});

describe('partnerflow parked and retry', () => {
  it('shows each problem in words, exit code 1; nothing parked is 0', async () => {
    expect(await onStore('parked')).toMatchObject({ code: 0, out: 'Nothing is parked.\n' });
    const id = await keep(api.database.kysely, { status: 'parked', problem });
    const { code, out } = await onStore('parked');
    expect(code).toBe(1);
    expect(out).toContain(id);
    expect(out).toContain(`status: expected ${problem.expected}; found INVENTED`);
  });

  it('gives as JSON what the route gives, all pages in one', async () => {
    for (let index = 0; index < 3; index += 1) await keep(api.database.kysely, { status: 'parked', problem });
    const { code, out } = await onStore('parked', '--json');
    expect(code).toBe(1);
    const { body } = await api.call('GET', '/operations/deliveries?status=parked');
    expect(JSON.parse(out)).toEqual(body);
  });

  it('retries the named, all, and says which it could not', async () => {
    const first = await keep(api.database.kysely, { status: 'parked', problem });
    const second = await keep(api.database.kysely, { status: 'parked', problem });
    const unknown = randomUUID();
    expect((await onStore('retry', first)).code).toBe(0);
    const { code, err } = await onStore('retry', first, unknown, 'nonsense');
    expect(code).toBe(1);
    expect(err).toContain(`${first} is not parked.`);
    expect(err).toContain(`No delivery has the id ${unknown}.`);
    expect(err).toContain('No delivery has the id nonsense.');
    expect((await onStore('retry', '--all')).out).toBe('1 delivery goes to dispatch again.\n');
    const pending = await api.call('GET', '/operations/deliveries?status=pending');
    expect(pending.body.items.map(({ id }) => id)).toEqual([second, first]);
  });

  it('is quiet where its reader has gone', async () => {
    for (let index = 0; index < 300; index += 1) await keep(api.database.kysely, { status: 'parked', problem });
    const child = spawn('/bin/sh', ['-c', `"${process.execPath}" "${CLI}" parked --json | head -n 1`], {
      env: { PATH: process.env.PATH, DATABASE_URL: api.databaseUrl },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    await new Promise((done) => child.on('close', done));
    expect(err).toBe('');
  });
});

describe('partnerflow overdue, flow, balance and rejected', () => {
  it('overdue shows what is owed, exit code 1; nothing overdue is 0', async () => {
    await follow(api.database.kysely, 'tradevest:order:1');
    expect(await onStore('overdue')).toMatchObject({ code: 0, out: 'Nothing is overdue.\n' });
    await follow(api.database.kysely, 'tradevest:order:2', { id: '2', overdue: true, finding: 'slow' });
    const { code, out } = await onStore('overdue');
    expect(code).toBe(1);
    expect(out).toMatch(/tradevest:order:2 +FILLED +SETTLED +2026-01-04T03:04:05\.678Z +slow/);
    expect(out).not.toContain('tradevest:order:1');
    const { body } = await api.call('GET', '/operations/flows?overdue=true');
    expect(JSON.parse((await onStore('overdue', '--json')).out)).toEqual(body);
  });

  it('flow shows one, and an unknown one is exit code 1', async () => {
    await follow(api.database.kysely, 'tradevest:order:1');
    const delivery = await keep(api.database.kysely, {
      status: 'delivered',
      outcome: 'applied',
      workflowId: 'tradevest:order:1',
    });
    const { code, out } = await onStore('flow', 'tradevest:order:1');
    expect(code).toBe(0);
    expect(out).toMatch(/waiting for +SETTLED/);
    expect(out).toContain(delivery);
    const { body } = await api.call('GET', '/operations/flows/tradevest%3Aorder%3A1');
    expect(JSON.parse((await onStore('flow', 'tradevest:order:1', '--json')).out)).toEqual(body);
    const unknown = await onStore('flow', 'tradevest:order:none');
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('tradevest:order:none');
  });

  it('balance is exit code 0 while balanced and 1 once a row has vanished', async () => {
    await keep(api.database.kysely);
    const { code, out } = await onStore('balance', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual((await api.call('GET', '/operations/balance')).body);
    await api.database.kysely.deleteFrom('deliveries').execute();
    const broken = await onStore('balance');
    expect(broken.code).toBe(1);
    expect(broken.out).toContain('NOT balanced.');
  });

  it('balance asks Temporal whether open deliveries still have their flow', async () => {
    await keep(api.database.kysely, {
      status: 'delivered',
      workflowId: `tradevest:order:${randomUUID()}`,
      settledSecondsAgo: 60,
    });
    const { code, out } = await onStore('balance');
    expect(code).toBe(1);
    expect(out).toContain('Open deliveries whose flow no longer runs: 1.');
  });

  it('rejected shows what was refused and is exit code 0', async () => {
    expect(await onStore('rejected')).toMatchObject({ code: 0, out: 'Nothing was refused.\n' });
    expect(JSON.parse((await onStore('rejected', '--json')).out)).toEqual({ items: [], next: null });
  });
});

describe('partnerflow setup and expect', () => {
  it('sets up what is there already without a change', async () => {
    expect((await onStore('setup')).code).toBe(0);
    expect((await onStore('setup')).code).toBe(0);
  });

  it('registers what we created, once, and the flow is there to be seen', async () => {
    const id = randomUUID();
    const first = await onStore('expect', 'tradevest', 'order', id, '--json');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(first.out)).toEqual({ workflowId: `tradevest:order:${id}` });
    const second = await onStore('expect', 'tradevest', 'order', id.toUpperCase());
    expect(second).toMatchObject({ code: 0, out: `tradevest:order:${id} is known already.\n` });
    expect((await onStore('flow', `tradevest:order:${id}`)).code).toBe(0);
  });

  it('refuses an unknown partner or object with the known ones', async () => {
    const object = await onStore('expect', 'tradevest', 'sandwich', '1');
    expect(object.code).toBe(2);
    expect(object.err).toMatch(/^object: expected one of .*order.*, found sandwich$/m);
    const partner = await onStore('expect', 'nobody', 'order', '1');
    expect(partner.code).toBe(2);
    expect(partner.err).toMatch(/^partner: expected one of tradevest, .*, found nobody$/m);
  });

  it('says that Temporal is away with exit code 3', async () => {
    const { code, err } = await run(['expect', 'tradevest', 'order', randomUUID()], {
      DATABASE_URL: api.databaseUrl,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    });
    expect([code, err]).toEqual([3, 'Temporal is away at 127.0.0.1:1.\n']);
  });
});
