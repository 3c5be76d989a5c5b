import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';

import { Client, Connection } from '@temporalio/client';

import { freePort } from '../../src/development/ports';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { testServers } from '../support/servers';
import { blocks } from './runbook';

const CLI = resolve('dist/src/cli.js');

/** The stranger's own `npx partnerflow`, in a folder where nothing is installed. */
const NPX = `npx() { shift; "${process.execPath}" "${CLI}" "$@"; }\n`;

describe('practising with the runbook', () => {
  const taskQueue = `practice-${randomUUID()}`;
  let database: FreshDatabase;
  let folder: string;
  let environment: Readonly<Record<string, string | undefined>>;
  let stopDevelopment: () => Promise<void>;

  beforeAll(async () => {
    database = await freshDatabase();
    folder = mkdtempSync(join(tmpdir(), 'partnerflow-practice-'));
    const { temporalAddress } = testServers();
    environment = { PATH: process.env.PATH, HOME: process.env.HOME, TEMPORAL_TASK_QUEUE: taskQueue };
    const servers = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: temporalAddress };
    const development = spawn(process.execPath, [CLI, 'dev'], {
      cwd: folder,
      env: { ...environment, ...servers, RECEIVER_PORT: String(await freePort()), LOG_LEVEL: 'silent' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = new Promise<void>((done) => development.once('exit', () => done()));
    stopDevelopment = async () => {
      development.kill('SIGTERM');
      await ended;
    };
    // Written when workers poll.
    await eventually(() => expect(existsSync(join(folder, '.partnerflow', 'dev.json'))).toBe(true), 60_000);
  }, 90_000);
  afterAll(async () => {
    await stopDevelopment();
    const connection = await Connection.connect({ address: testServers().temporalAddress });
    const { schedule } = new Client({ connection });
    for (const partner of ['tradevest', 'bitpanda'])
      await schedule
        .getHandle(`${taskQueue}-sweep-${partner}`)
        .delete()
        .catch(() => undefined);
    await connection.close();
    rmSync(folder, { recursive: true });
    await database.drop();
  });

  function run(script: string): Promise<string> {
    const child = spawn('/bin/sh', ['-c', NPX + script], {
      cwd: folder,
      env: { ...process.env, ...environment, DATABASE_URL: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    return new Promise((done) => child.on('close', () => done(out)));
  }

  test('by copy and paste a stuck order is found, mended by command and API, and shows who did it', async () => {
    const [practice = ''] = blocks('practice');
    const out = await run(practice);
    const me = userInfo().username;
    expect(out).toMatch(/tradevest:order:\S+ +PLACED .* slow +\d+ s/);
    expect(out).toContain('Nothing is overdue.');
    expect(out).toMatch(/tradevest:order:\S+ +- +notification .* absent +\d+ s/);
    expect(out).toMatch(new RegExp(`${me} +extend +seconds 1 +to see it overdue`));
    expect(out).toMatch(/development +extend +seconds 3600 +the partner is told/);
    expect(out).toMatch(new RegExp(`${me} +resolve +result failed +never created`));
    expect(out).toMatch(/Ended \S+ as nothing known, by operator\./);
  }, 120_000);
});
