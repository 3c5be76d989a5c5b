import { randomUUID } from 'node:crypto';

import { createSweepActivities } from '../../activities/sweep-partner';
import { decoders } from '../support/partners';
import type { Listing } from '../../src/partners/sweep';
import { type Database, openDatabase } from '../../src/store/database';
import { migrate } from '../../src/store/migrate';
import { IN_CLEAR } from '../../src/store/encryption';
import type { SweepWindowRequest } from '../../workflows/contract';
import { describeSweep } from '../../workflows/sweep';
import { type FreshDatabase, freshDatabase } from '../support/fresh-database';
import { inActivity } from '../support/in-activity';

const CUT_OFF = 'after 200 pages the list had not ended';
const FROM = '2026-01-01T00:00:00.000Z';
const WINDOW = { from: FROM, to: '2026-01-02T00:00:00.000Z' };

let fresh: FreshDatabase;
let database: Database;
let asked: number;

beforeAll(async () => {
  fresh = await freshDatabase();
  database = openDatabase({ url: fresh.url, poolSize: 2 });
  await migrate(database.kysely);
});
afterAll(async () => {
  await database.close();
  await fresh.drop();
});
beforeEach(async () => {
  await database.kysely.deleteFrom('deliveries').execute();
  asked = 0;
});

/** The sweep of a partner that lists events which nobody understands and no delivery has brought. */
function sweeping(listing: Pick<Listing, 'cutOff'>) {
  const events = [1, 2].map(() => ({ route: 'unheard-of', body: Buffer.from(JSON.stringify({ id: randomUUID() })) }));
  const activities = createSweepActivities({
    database: database.kysely,
    partner: 'bitpanda',
    decoder: decoders.bitpanda,
    sweep: () => {
      asked += 1;
      return Promise.resolve({ ...listing, events });
    },
    alertWindowMs: 60_000,
    encryption: IN_CLEAR,
  });
  const info = { currentAttemptScheduledTimestampMs: Date.now() };
  return {
    sweepPartner: (window: SweepWindowRequest) => inActivity(info, () => activities.sweepPartner(window)),
  };
}

async function kept(): Promise<number> {
  return (await database.kysely.selectFrom('deliveries').select('id').where('source', '=', 'sweep').execute()).length;
}

describe('a list that was cut off', () => {
  test('is a failure that says so and is not tried again, and what came before is kept', async () => {
    await expect(sweeping({ cutOff: CUT_OFF }).sweepPartner(WINDOW)).rejects.toMatchObject({
      type: 'cut off',
      nonRetryable: true,
      message: `${CUT_OFF}; before that it held 2 events, 2 of them had never arrived and are kept`,
    });
    expect(await kept()).toBe(2);
  });

  test('is told to all who ask at the same time, and asked for once', async () => {
    const sweeps = sweeping({ cutOff: CUT_OFF });
    const asking = { ...WINDOW, notBefore: FROM };
    await expect(sweeps.sweepPartner(asking)).rejects.toMatchObject({ type: 'cut off' });
    await expect(sweeps.sweepPartner(asking)).rejects.toMatchObject({ type: 'cut off' });
    expect(asked).toBe(1);
  });

  test('is shown as one, not as a partner that could not be asked', () => {
    const result = { listed: 0, kept: 0, waitsForBacklog: false, failure: 'cut off' };
    const shown = describeSweep({ partner: 'bitpanda', windowMs: 1 }, FROM, result);
    expect(shown).toContain('**the list of bitpanda was cut off**');
    expect(shown).not.toContain('could not be asked');
  });
});

test('a whole list is a result, and waits for our own backlog as ever', async () => {
  const sweeps = sweeping({});
  expect(await sweeps.sweepPartner(WINDOW)).toEqual({ listed: 2, kept: 2, waitsForBacklog: false });
  expect(await sweeps.sweepPartner(WINDOW)).toMatchObject({ kept: 0, waitsForBacklog: true });
  expect(await kept()).toBe(2);
});
