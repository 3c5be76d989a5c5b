import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { type ScriptedServer, startScriptedServer } from '../partners/scripted-server';
import { eventually } from '../support/eventually';
import { testServers } from '../support/servers';

const CLI = resolve('dist/src/cli.js');

describe('dev with a partner of one’s own, any port, and variables that are empty', () => {
  const taskQueue = `dev-${randomUUID()}`;
  let folder: string;
  let partner: ScriptedServer;
  let out = '';
  let stopDevelopment: () => Promise<unknown>;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'partnerflow-dev-'));
    chmodSync(folder, 0o755); // PostgreSQL may run as another user, who has to get there
    partner = await startScriptedServer(() => ({ status: 404 }));
    const empty = ['DATABASE_URL', 'TRADEVEST_WEBHOOK_HEADERS', 'COINIFY_WEBHOOK_SECRETS', 'BITPANDA_API_URL'];
    const development = spawn(process.execPath, [CLI, 'dev'], {
      cwd: folder,
      env: {
        ...{ PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: folder, PARTNERFLOW_CACHE_FOLDER: folder },
        ...Object.fromEntries([...empty, 'LOG_LEVEL', 'OPERATIONS_TOKENS'].map((name) => [name, ''])),
        ...{ TEMPORAL_ADDRESS: testServers().temporalAddress, TEMPORAL_TASK_QUEUE: taskQueue, RECEIVER_PORT: '0' },
        ...{
          TRADEVEST_API_URL: partner.url,
          TRADEVEST_TOKEN_URL: `${partner.url}/oauth`,
          COINIFY_API_URL: partner.url,
        },
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    development.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const ended = new Promise<number | null>((done) => development.once('exit', done));
    stopDevelopment = () => {
      development.kill('SIGTERM');
      return ended;
    };
    const failed = ended.then((code) => Promise.reject(new Error(`dev ended with ${code}: ${out}`)));
    await Promise.race([failed, eventually(() => expect(out).toContain('Ready.'), 90_000)]);
    failed.catch(() => undefined);
  }, 120_000);
  afterAll(async () => {
    const code = await stopDevelopment();
    await partner.close();
    const connection = await Connection.connect({ address: testServers().temporalAddress });
    const { schedule } = new Client({ connection });
    for (const name of ['tradevest', 'bitpanda'])
      await schedule
        .getHandle(`${taskQueue}-sweep-${name}`)
        .delete()
        .catch(() => undefined);
    await connection.close();
    rmSync(folder, { recursive: true, force: true });
    expect(code).toBe(0);
  }, 60_000);

  function fileOfDev() {
    return JSON.parse(readFileSync(join(folder, '.partnerflow', 'dev.json'), 'utf8'));
  }

  it('starts, switches those simulators off, and says what it has made up', () => {
    expect(fileOfDev()).toMatchObject({
      databaseUrl: expect.stringMatching(/^postgresql:/),
      tradevest: { headers: { 'api-key': expect.any(String) } },
      simulators: { tradevest: null, coinify: null, bitpanda: expect.any(String) },
    });
    const said = /Set here because they were unset: (.*)/.exec(out)?.[1]?.split(', ') ?? [];
    for (const name of ['DATABASE_URL', 'TRADEVEST_CLIENT_ID', 'TRADEVEST_CLIENT_SECRET', 'TRADEVEST_REQUESTOR_ID'])
      expect(said).toContain(name);
    expect(said).toContain('COINIFY_ACCESS_TOKEN');
    expect(said).not.toContain('TRADEVEST_TOKEN_URL');
    expect(said).not.toContain('TRADEVEST_API_URL');
  });

  it('lets its simulators deliver to the port that its receiver has chosen', async () => {
    const { receiverUrl, operationsToken, simulators } = fileOfDev();
    expect(new URL(receiverUrl).port).not.toMatch(/^(0|8080)$/);
    const { items: scripts } = await (await fetch(`${simulators.bitpanda}/simulator/scripts`)).json();
    await fetch(`${simulators.bitpanda}/simulator/scripts/${scripts[0].name}`, { method: 'POST' });
    await eventually(async () => {
      const headers = { authorization: `Bearer ${operationsToken}` };
      const answer = await fetch(`${receiverUrl}/operations/deliveries?partner=bitpanda`, { headers });
      expect((await answer.json()).items).not.toEqual([]);
    });
  });

  it('says nothing against operators on the port of partners, which is as it should be there', () => {
    expect(out).not.toContain('OPERATIONS_PORT');
  });
});
