import { createServer, type Server } from 'node:net';

import { sql } from 'kysely';
import { request } from 'undici';

import { freePort } from '../../src/development/ports';
import { openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { partnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';

let fresh: FreshDatabase;
let taken: Server;
let takenPort: number;
beforeAll(async () => {
  fresh = await freshDatabase();
  const database = openDatabase({ url: fresh.url, poolSize: 1 });
  await migrate(database.kysely);
  await database.close();
  takenPort = await freePort();
  taken = createServer();
  await new Promise<void>((resolve) => taken.listen(takenPort, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise((resolve) => taken.close(resolve));
  await fresh.drop();
});

function variables(): Record<string, string> {
  const { temporalAddress } = testServers();
  return { DATABASE_URL: fresh.url, TEMPORAL_ADDRESS: temporalAddress, LOG_LEVEL: 'silent' };
}

/** Keeps the process alive for ever, as a connection or a server does that nobody closes. */
const HELD = { NODE_OPTIONS: '--import=data:text/javascript,setInterval(()=>{},1000)' };

describe('a process that cannot go on ends', () => {
  it('a receiver whose second port is taken is wrong configuration, and gives its first port back', async () => {
    const port = await freePort();
    const { code, err } = await partnerflow(['receive'], {
      ...variables(),
      RECEIVER_PORT: String(port),
      OPERATIONS_PORT: String(takenPort),
    });
    expect([code, err]).toEqual([2, `Cannot listen at 127.0.0.1:${String(takenPort)}: EADDRINUSE.\n`]);
    await expect(request(`http://127.0.0.1:${String(port)}/health/live`)).rejects.toThrow('ECONNREFUSED');
  });

  it('a dispatcher whose port for metrics is taken stops its work', async () => {
    const { code, err } = await partnerflow(['dispatch'], {
      ...variables(),
      TEMPORAL_TASK_QUEUE: 'test-endings',
      DISPATCH_METRICS_PORT: String(takenPort),
    });
    expect([code, err]).toEqual([2, `Cannot listen at 127.0.0.1:${String(takenPort)}: EADDRINUSE.\n`]);
  });

  it('a worker whose port for metrics is taken stops its work', async () => {
    const { code, err } = await partnerflow(['work'], {
      ...variables(),
      TEMPORAL_TASK_QUEUE: 'test-endings',
      WORKER_METRICS_PORT: String(takenPort),
    });
    expect([code, err]).toEqual([2, `Cannot listen at 127.0.0.1:${String(takenPort)}: EADDRINUSE.\n`]);
  });

  it('a worker whose port for the metrics of its SDK is taken names the variable', async () => {
    const { code, err } = await partnerflow(['work'], {
      ...variables(),
      WORKER_SDK_METRICS_PORT: String(takenPort),
    });
    expect(code).toBe(2);
    expect(err).toMatch(/^WORKER_SDK_METRICS_PORT: expected a free port, found .*in use/);
  });

  it('a command ends after its error even where something is still open', async () => {
    const { code, err } = await partnerflow(['parked'], { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x', ...HELD });
    expect(code).toBe(3);
    expect(err).toMatch(/^PostgreSQL is away: /);
  });

  it('says of a mistake of ours which it is and where, without its text, and not that a server is away', async () => {
    const database = openDatabase({ url: fresh.url, poolSize: 1 });
    await sql`ALTER VIEW kept_deliveries RENAME COLUMN problem TO gone`.execute(database.kysely);
    const { code, err } = await partnerflow(['parked'], { ...variables(), ...HELD });
    await sql`ALTER VIEW kept_deliveries RENAME COLUMN gone TO problem`.execute(database.kysely);
    await database.close();
    expect(code).toBe(1);
    expect(err).toMatch(/^A mistake of ours: error 42703 at [\w/-]+\.js:\d+\./);
    expect(err).not.toContain('problem');
  });
});
