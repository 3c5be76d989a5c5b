import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Api, openApi } from '../operations/harness';
import { emptyLedger } from '../operations/ledger-rows';
import { partnerflow } from '../support/partnerflow';

const HEADER = 'partner,userId,instrument,amount,tradedAt,reference';
const GOLD = 'asset:c0000000-0000-4000-8000-00000000000a';

let api: Api;
const folder = mkdtempSync(join(tmpdir(), 'partnerflow-trades-'));
beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => emptyLedger(api.database.kysely));

function importing(lines: readonly string[], ...options: readonly string[]) {
  const path = join(folder, `${randomUUID()}.csv`);
  writeFileSync(path, `${[HEADER, ...lines].join('\n')}\n`);
  return partnerflow(['trades', 'import', path, ...options], { DATABASE_URL: api.databaseUrl });
}

async function trades(): Promise<readonly (readonly unknown[])[]> {
  const rows = await api.database.kysely.selectFrom('own_trades').selectAll().orderBy('reference').execute();
  return rows.map((row) => [row.reference, row.user_id, Number(row.amount), row.traded_at.toISOString()]);
}

describe('partnerflow trades import', () => {
  it('takes signed trades, each once under its reference, and the word for the partners of the file', async () => {
    const lines = [
      `bitpanda,u,${GOLD},+2.50,2026-02-01T09:30:00+01:00,"ours, 1"`,
      `bitpanda,u,asset:7,-1,2026-02-01,2`,
      `tradevest,v,fiat:1,3,2026-02-02,3`,
    ];
    const first = await importing(lines, '--complete-through', '2026-02-02T12:00:00Z');
    expect([first.code, first.out]).toEqual([
      0,
      [
        '3 lines: 3 new, 0 known already.',
        'What is told of holdings at bitpanda is complete through 2026-02-02T12:00:00.000Z.',
        'What is told of holdings at tradevest is complete through 2026-02-02T12:00:00.000Z.\n',
      ].join('\n'),
    ]);
    expect(await trades()).toEqual([
      ['2', 'u', -1, '2026-02-01T00:00:00.000Z'],
      ['3', 'v', 3, '2026-02-02T00:00:00.000Z'],
      ['ours, 1', 'u', 2.5, '2026-02-01T08:30:00.000Z'],
    ]);
    expect((await importing(lines)).out).toBe('3 lines: 0 new, 3 known already.\n');
  });

  it('says how many trades were told late', async () => {
    await importing([`bitpanda,u,${GOLD},1,2026-02-01,1`], '--complete-through', '2026-03-01');
    const { code, out } = await importing([`bitpanda,u,${GOLD},1,2026-02-15,2`, `bitpanda,u,${GOLD},1,2026-03-02,3`]);
    expect([code, out]).toEqual([0, expect.stringContaining('1 trade was told late')]);
  });

  it('names every bad line, also one that says something else under a reference, and takes none', async () => {
    await importing([`bitpanda,u,${GOLD},1,2026-02-01,1`]);
    const { code, out, err } = await importing([
      `bitpanda,u,${GOLD},2,2026-02-01,1`,
      `bitpanda,u,${GOLD},2,2026-02-01,2`,
      `bitpanda,v,${GOLD},2,2026-02-01,2`,
      `bitpanda,u,${GOLD},1e3,2026-02-30,`,
    ]);
    expect([code, out]).toEqual([1, '']);
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^line 5: amount: .*found 1e3; tradedAt: .*found 2026-02-30; reference: .*found nothing$/),
      'line 2: reference: expected the same trade as told before, found another amount',
      'line 4: reference: expected the same trade as in line 3, found another userId',
      'Nothing was imported: 3 bad lines.',
    ]);
    expect(await trades()).toHaveLength(1);
  });
});
