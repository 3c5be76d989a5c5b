import { recordAction } from '../../src/store/audit';
import { type Api, follow, openApi } from '../operations/harness';
import { owe } from '../operations/ledger-rows';
import { partnerflow, type Ran } from '../support/partnerflow';
import { testServers } from '../support/servers';

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

function run(...arguments_: readonly string[]): Promise<Ran> {
  const { temporalAddress } = testServers();
  return partnerflow(arguments_, { DATABASE_URL: api.databaseUrl, TEMPORAL_ADDRESS: temporalAddress });
}

describe('an operator at the command line', () => {
  test('sees which open flows a filter names before anything is asked of them', async () => {
    const late = 'tradevest:order:late';
    await follow(api.database.kysely, late, { overdue: true });
    await follow(api.database.kysely, 'tradevest:order:in-time');
    const { code, out, err } = await run(
      'extend',
      '--filter',
      'overdue=true',
      '--dry-run',
      ...'--seconds 60 --reason late'.split(' '),
    );
    expect([code, out.trim()]).toEqual([0, late]);
    expect(err).toContain('1 flow would be asked.');
  });

  test('is told what a filter may say, and that a reason is needed', async () => {
    const wrong = await run('refetch', '--filter', 'colour=red', '--reason', 'x');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('overdue=true,partner=tradevest');
    const bare = await run('refetch', 'tradevest:order:1');
    expect(bare.code).toBe(2);
    expect(bare.err).toContain('--reason');
  });

  test('is told by name of a flow that does not run', async () => {
    const { code, err } = await run('resolve', 'tradevest:order:never-heard-of', '--reason', 'gone');
    expect(code).toBe(1);
    expect(err).toContain('tradevest:order:never-heard-of has ended, or is no flow that runs');
  });

  test('looks up who did what by audit, which says the same as deeds', async () => {
    const action = { by: 'anna', action: 'resolve', target: 'tradevest:order:1', reason: 'sold by phone', details: {} };
    await recordAction(api.database.kysely, action);
    await recordAction(api.database.kysely, { ...action, by: 'berta' });
    const audit = await run('audit', '--by', 'anna');
    expect([audit.code, audit.err]).toEqual([0, '']);
    expect(audit.out).toContain('sold by phone');
    expect(audit.out).toContain('1 operator action.');
    expect(await run('deeds', '--by', 'anna')).toEqual(audit);
    const { items } = JSON.parse((await run('audit', '--json')).out);
    expect(items).toEqual([expect.objectContaining({ by: 'berta' }), expect.objectContaining(action)]);
    expect((await run('audit', '--help')).out).toContain('the newest first: who, when, to what, why');
  });

  test('learns that an obligation was not recorded as paid: it has another reference, or its money was taken back', async () => {
    const { kysely } = api.database;
    const { id: paid } = await owe(kysely, { user: 'u', instrument: 'fiat:1', amount: '5' });
    const { id: gone } = await owe(kysely, { user: 'u', instrument: 'fiat:1', amount: '7' });
    await kysely.updateTable('obligations').set({ lessened: '7' }).where('id', '=', gone).execute();
    const pay = (id: string, reference: string) => run('obligations', 'paid', id, '--reference', reference);
    expect((await pay(paid, 'SEPA 1')).code).toBe(0);
    expect((await pay(paid, 'SEPA 1')).code).toBe(0);
    expect(await pay(paid, 'SEPA 2')).toMatchObject({
      ...{ code: 1, out: '', err: expect.stringContaining('it was passed on under the reference SEPA 1.') },
    });
    expect(await pay(gone, 'SEPA 3')).toMatchObject({
      ...{ code: 1, out: '', err: expect.stringContaining('its money was taken back.') },
    });
  });
});
