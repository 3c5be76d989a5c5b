import { createServer, type IncomingMessage, type Server } from 'node:http';

import pino from 'pino';
import { Webhook } from 'standardwebhooks';

import { startOutboxSender } from '../../src/outbox/sender';
import { raiseAlerts } from '../../src/store/outbox/alerts';
import { type Database, openDatabase } from '../../src/store/database';
import { IN_CLEAR } from '../../src/store/encryption';
import { migrate } from '../../src/store/migrate';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { withFoldedAlerts } from '../support/folded-alerts';

const SECRET = 'a secret of this test';
const WINDOW_MS = 300;
/** Long enough that no window ends between two causes. */
const DAY_MS = 86_400_000;

interface Received {
  readonly headers: Record<string, string>;
  readonly body: string;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('alerts', () => {
  const received: Received[] = [];
  let answers: number[] = [];
  let fresh: FreshDatabase;
  let database: Database;
  let server: Server;
  let sender: ReturnType<typeof startOutboxSender>;

  beforeEach(async () => {
    received.length = 0;
    answers = [];
    fresh = await freshDatabase();
    database = openDatabase({ url: fresh.url, poolSize: 4 });
    await migrate(database.kysely);
    server = createServer(async (request, response) => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = await textOf(request);
      const status = answers.shift() ?? 204;
      if (status === 204) received.push({ headers, body });
      response.writeHead(status).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    sender = startOutboxSender({
      database: database.kysely,
      targets: { alerts: { url: `http://127.0.0.1:${port}`, secret: SECRET } },
      types: [],
      encryption: IN_CLEAR,
      limits: { timeoutMs: 10_000, mostAttempts: 100 },
      logger: pino({ level: 'silent' }),
      pollMs: 50,
    });
  });
  afterEach(async () => {
    await sender.stop();
    server.close();
    await database.close();
    await fresh.drop();
  });

  test('many causes of one partner and finding are one alert with a count, signed so that a standard library accepts it', async () => {
    const cause = (example: string) => ({ partner: 'tradevest', finding: 'slow', example }) as const;
    await raiseAlerts(database.kysely, [cause('a'), cause('b'), cause('a')], DAY_MS);
    await (
      await withFoldedAlerts(database.kysely)
    )
      .updateTable('alerts')
      .set({ next_attempt_at: new Date(0) })
      .execute();
    const [alert] = await eventually(() => {
      expect(received).toHaveLength(1);
      return received;
    });
    const verified = new Webhook(SECRET, { format: 'raw' }).verify(alert?.body ?? '', alert?.headers ?? {});
    expect(verified).toMatchObject({
      type: 'alert.raised',
      data: { partner: 'tradevest', finding: 'slow', count: 3, examples: ['a', 'b'] },
    });
  });

  test('different findings and partners are alerts of their own', async () => {
    await raiseAlerts(
      database.kysely,
      [
        { partner: 'tradevest', finding: 'slow', example: 'a' },
        { partner: 'tradevest', finding: 'missed', example: 'a' },
        { partner: 'coinify', finding: 'slow', example: 'b' },
      ],
      WINDOW_MS,
    );
    await eventually(() => expect(received).toHaveLength(3));
  });

  test('an alert that is not taken is sent again until it is', async () => {
    answers = [500, 503];
    await raiseAlerts(database.kysely, [{ partner: 'coinify', finding: 'parked', example: 'x' }], WINDOW_MS);
    await eventually(() => expect(received).toHaveLength(1));
    await eventually(async () => {
      const rows = await database.kysely.selectFrom('outbox').select(['attempts', 'state']).execute();
      expect(rows).toEqual([{ attempts: 3, state: 'sent' }]);
    });
  });

  test('a cause that comes after its window was sent makes it be sent again, with the higher count', async () => {
    const cause = { partner: 'coinify', finding: 'parked', example: 'x' } as const;
    const end = async () =>
      (await withFoldedAlerts(database.kysely))
        .updateTable('alerts')
        .set({ next_attempt_at: new Date(0) })
        .execute();
    await raiseAlerts(database.kysely, [cause], DAY_MS);
    await end();
    await eventually(() => expect(received).toHaveLength(1));
    await raiseAlerts(database.kysely, [cause], DAY_MS);
    await eventually(() => expect(received).toHaveLength(2));
    expect(received.map(({ body }) => JSON.parse(body).data.count)).toEqual([1, 2]);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });
});
