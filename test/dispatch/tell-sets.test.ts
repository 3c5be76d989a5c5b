import pino from 'pino';

import type { DispatchDependencies } from '../../src/dispatch/batch';
import { type Dispatcher, startDispatcher } from '../../src/dispatch/dispatcher';
import { partsOfSetId } from '../../src/domain/lifecycles/corporate-actions/set-id';
import { workflowIdOf } from '../../src/domain/subject-key';
import { PARTNERS } from '../../src/partners';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { IN_CLEAR } from '../../src/store/encryption';
import { DISPATCH_LIMITS, flowsThat, ONE_SLOT } from '../support/dispatch';
import { eventually } from '../support/eventually';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';

jest.setTimeout(60_000);

const LIMITS = { ...DISPATCH_LIMITS, pollMs: 20 };
/** What Temporal says of the request itself, and what it says while it is away. */
const REFUSED = { code: 3, details: 'a secret of the request' };
const AWAY = { code: 14, details: 'no connection' };

const failure = (said: typeof REFUSED) =>
  new Error('failed', { cause: Object.assign(new Error(), said, { metadata: {} }) });

describe('flows that have to hear of their sets', () => {
  let fresh: FreshDatabase;
  let database: Database;
  let dispatcher: Dispatcher | null = null;
  let lines: Record<string, unknown>[];
  let asked: string[];
  const failing = new Map<string, Error>();
  let isAway = false;

  beforeEach(async () => {
    fresh = await freshDatabase();
    database = openDatabase({ url: fresh.url, poolSize: 4 });
    await migrate(database.kysely);
    lines = [];
    asked = [];
    failing.clear();
    isAway = false;
  });
  afterEach(async () => {
    await dispatcher?.stop();
    await database.close();
    await fresh.drop();
  });

  async function change(userIds: readonly string[], partner: 'bitpanda' | 'coinify' = 'bitpanda'): Promise<void> {
    await database.kysely
      .insertInto('transaction_sets')
      .values(
        userIds.map((user_id) => ({
          ...{ partner, corporate_action_id: 'spin-off', user_id, breaks: '[]', expected_new: '{}', version: 1 },
        })),
      )
      .execute();
  }

  function dependencies(): DispatchDependencies {
    return {
      ...{ database: database.kysely, partners: PARTNERS, encryption: IN_CLEAR, slots: ONE_SLOT, mostTries: 3 },
      policies: createPolicies(DEFAULT_POLICY_SETTINGS, 1),
      logger: pino({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) }),
      flows: flowsThat({
        isAway: () => Promise.resolve(isAway),
        signalWithStart: ({ key }) => {
          const { userId } = partsOfSetId(key.id);
          asked.push(userId);
          const error = failing.get(userId);
          return error === undefined ? Promise.resolve('a-run') : Promise.reject(error);
        },
      }),
    };
  }

  function start(): void {
    dispatcher = startDispatcher(dependencies(), LIMITS);
  }

  async function untold(): Promise<readonly string[]> {
    const rows = await database.kysely
      .selectFrom('transaction_sets')
      .select('user_id')
      .where('partner', '=', 'bitpanda')
      .whereRef('told_version', '<', 'version')
      .orderBy('user_id')
      .execute();
    return rows.map(({ user_id }) => user_id);
  }

  const untilUntold = (userIds: readonly string[]) =>
    eventually(async () => expect(await untold()).toEqual(userIds), 30_000);
  const many = (name: string) => Array.from({ length: 120 }, (_, index) => `${name}-${String(index).padStart(3, '0')}`);

  test('are told beside one whose signal Temporal refuses, of which a log speaks by its id alone, and so is that one later', async () => {
    await change(['anna', 'berta', 'carla']);
    failing.set('anna', failure(REFUSED));
    start();
    await untilUntold(['anna']);
    const workflowId = workflowIdOf({ partner: 'bitpanda', object: 'corporate-action', id: 'spin-off:anna' });
    expect(lines).toContainEqual(expect.objectContaining({ level: 40, workflowId, failure: 'gRPC code 3' }));
    expect(JSON.stringify(lines)).not.toContain(REFUSED.details);
    failing.clear();
    await untilUntold([]);
  });

  test('are told beside one that fails by a mistake of ours', async () => {
    await change(['anna', 'berta']);
    failing.set('anna', new TypeError('not serializable'));
    start();
    await untilUntold(['anna']);
  });

  test('are told behind more of those that are refused than are looked at in a round, each asked again ever later', async () => {
    const refused = many('anna');
    await change([...refused, 'zoe']);
    for (const userId of refused) failing.set(userId, failure(REFUSED));
    const startedMs = Date.now();
    start();
    await untilUntold(refused);
    await change(['zora']);
    await untilUntold(refused);
    const asks = asked.filter((userId) => userId === refused[0]).length;
    // At least half a second before the second time, one before the third, two before the fourth, and so on.
    expect(asks).toBeLessThanOrEqual(1 + Math.log2((Date.now() - startedMs) / 500 + 1));
  });

  test('are not looked for where no flow follows the sets of a partner', async () => {
    await change(many('anna'), 'coinify');
    await change(['zoe']);
    start();
    await untilUntold([]);
    expect([asked, lines]).toEqual([['zoe'], []]);
  });

  test('are asked for a few at a time while Temporal is away, without a word, and all told when it is back', async () => {
    const all = many('anna');
    await change(all);
    for (const userId of all) failing.set(userId, failure(AWAY));
    isAway = true;
    start();
    await eventually(() => expect(asked.length).toBeGreaterThan(2));
    expect(new Set(asked).size).toBe(asked.length);
    failing.clear();
    isAway = false;
    await untilUntold([]);
    expect(lines).toEqual([]);
  });
});
