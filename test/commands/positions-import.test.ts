import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { type Api, openApi } from '../operations/harness';
import { announced, book, emptyLedger, judged, learned } from '../operations/ledger-rows';

const CLI = resolve('dist/src/cli.js');
const HEADER = 'partner,userId,instrument,amount,asOf';
const USER = 'a0000000-0000-4000-8000-000000000001';
const GOLD = 'asset:c0000000-0000-4000-8000-00000000000a';

let api: Api;
const folder = mkdtempSync(join(tmpdir(), 'partnerflow-import-'));
beforeAll(async () => {
  api = await openApi();
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => emptyLedger(api.database.kysely));

function start(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [CLI, ...words], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATABASE_URL: api.databaseUrl, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) =>
    child.on('close', (code) => done({ code, ...said })),
  );
  return { child, said, ended };
}

function run(...words: readonly string[]) {
  return start(words).ended;
}

function file(content: string | Buffer): string {
  const path = join(folder, `${randomUUID()}.csv`);
  writeFileSync(path, content);
  return path;
}

function csv(...lines: readonly string[]): string {
  return file(`${[HEADER, ...lines].join('\n')}\n`);
}

async function openings(): Promise<readonly (readonly unknown[])[]> {
  const rows = await api.database.kysely
    .selectFrom('openings')
    .selectAll()
    .orderBy('user_id')
    .orderBy('instrument')
    .orderBy('as_of')
    .execute();
  return rows.map((row) => [row.partner, row.user_id, row.instrument, Number(row.amount), row.as_of.toISOString()]);
}

describe('partnerflow positions import', () => {
  it('imports what was held, and the same file again changes nothing', async () => {
    const path = csv(
      `bitpanda,${USER},${GOLD},12.50,2026-01-31T10:00:00+02:00`,
      `bitpanda,${USER},asset:7,0,2026-01-31`,
      `tradevest,customer 5,fiat:3,007,2026-01-31T10:00:00.123456789`,
    );
    expect(await run('positions', 'import', path)).toEqual({
      code: 0,
      out: '3 lines: 3 new, 0 known already.\n',
      err: '',
    });
    const held = [
      ['bitpanda', USER, 'asset:7', 0, '2026-01-31T00:00:00.000Z'],
      ['bitpanda', USER, GOLD, 12.5, '2026-01-31T08:00:00.000Z'],
      ['tradevest', 'customer 5', 'fiat:3', 7, '2026-01-31T10:00:00.123Z'],
    ];
    expect(await openings()).toEqual(held);
    expect((await run('positions', 'import', path)).out).toBe('3 lines: 0 new, 3 known already.\n');
    expect(await openings()).toEqual(held);
  });

  it('takes a file as spreadsheets write it: byte order mark, CRLF, quotes, empty lines, no last line end', async () => {
    const path = file(
      `\uFEFF${HEADER}\r\n"bitpanda","${USER.toUpperCase()}",${GOLD.toUpperCase().replace('ASSET', 'asset')},1,2026-01-31\r\n\r\ntradevest,"a,""b""",asset:1,2,2026-01-31`,
    );
    expect(await run('positions', 'import', path)).toMatchObject({ code: 0, err: '' });
    expect(await openings()).toEqual([
      ['tradevest', 'a,"b"', 'asset:1', 2, '2026-01-31T00:00:00.000Z'],
      ['bitpanda', USER, GOLD, 1, '2026-01-31T00:00:00.000Z'],
    ]);
  });

  it('names every bad line with field, expectation and what stood there, and imports nothing', async () => {
    const good = `bitpanda,${USER},${GOLD},1,2026-01-31T00:00:00Z`;
    const path = csv(
      ...[good, `nobody,${USER},${GOLD},1,2026-01-31`, `bitpanda,,${GOLD},1,2026-01-31`],
      ...[`bitpanda,Jane Doe:1,GOLD,1,2026-01-31`, `bitpanda,${USER},${GOLD},1e3,2026-01-31`],
      ...[`bitpanda,${USER},${GOLD},-1,2026-01-31`, `bitpanda,${USER},${GOLD},Jane Doe,2026-02-30`],
      ...[
        `bitpanda,${USER},${GOLD},1`,
        `bitpanda,"${USER},${GOLD},1,2026-01-31`,
        `bitpanda,${USER},asset:07,.5,31.1.2026`,
      ],
      ...[`bitpanda,${USER},${GOLD},1,2026-01-31T24:00:00Z`, good.replace('2026', '2025'), 'x'.repeat(10_000)],
    );
    const { code, out, err } = await run('positions', 'import', path);
    expect([code, out]).toEqual([1, '']);
    const lines = err.trim().split('\n');
    expect(lines).toEqual([
      'line 3: partner: expected one of tradevest, coinify, bitpanda, found nobody',
      expect.stringMatching(/^line 4: userId: expected an id .*, found nothing$/),
      expect.stringMatching(
        /^line 5: userId: expected an id .*, found string of 10 characters; instrument: .*, found GOLD$/,
      ),
      expect.stringMatching(/^line 6: amount: expected a plain decimal .*, found 1e3$/),
      expect.stringMatching(/^line 7: amount: expected a plain decimal .*, found -1$/),
      expect.stringMatching(
        /^line 8: amount: .*found string of 8 characters; asOf: expected an ISO 8601 .*, found 2026-02-30$/,
      ),
      'line 9: line: expected 5 fields, found 4',
      'line 10: line: expected quotes in pairs around whole fields, found others',
      expect.stringMatching(/^line 11: instrument: .*found asset:07; amount: .*found .5; asOf: .*found 31.1.2026$/),
      expect.stringMatching(/^line 12: asOf: /),
      'line 14: line: expected at most 8192 bytes, found more',
      'Nothing was imported: 11 bad lines.',
    ]);
    expect(err).not.toContain('Jane');
    expect(await openings()).toEqual([]);
  });

  it('names bytes that are not UTF-8 by their line', async () => {
    const latin1 = Buffer.from(
      `${HEADER}\nbitpanda,u,asset:1,1,2026-01-31\nbitpanda,J\xfcrgen,asset:1,1,2026-01-31\n`,
      'latin1',
    );
    const { code, err } = await run('positions', 'import', file(latin1));
    expect([code, err]).toEqual([
      1,
      'line 3: line: expected UTF-8, found other bytes\nNothing was imported: 1 bad line.\n',
    ]);
    expect(await openings()).toEqual([]);
  });

  it('takes another amount for the same user, instrument and moment for a bad line, in the file and against what is there', async () => {
    await run('positions', 'import', csv('bitpanda,u,asset:1,1,2026-01-31', 'bitpanda,u,asset:2,5,2026-01-31'));
    const path = csv(
      ...['bitpanda,u,asset:2,5.0,2026-01-31', 'bitpanda,u,asset:1,1.50,2026-01-31T01:00:00+01:00'],
      ...['bitpanda,u,asset:3,7,2026-01-31', 'bitpanda,u,asset:3,7.00,2026-01-31', 'bitpanda,u,asset:3,8,2026-01-31'],
    );
    const { code, err } = await run('positions', 'import', path);
    expect([code, err]).toEqual([
      1,
      [
        'line 3: amount: expected 1 as imported before, found 1.5',
        'line 6: amount: expected 7 as in line 4, found 8',
        'Nothing was imported: 2 bad lines.\n',
      ].join('\n'),
    ]);
    expect(await openings()).toHaveLength(2);
    const repeated = csv('bitpanda,u,asset:3,7,2026-01-31', 'bitpanda,u,asset:3,7.00,2026-01-31');
    expect((await run('positions', 'import', repeated)).out).toBe('2 lines: 1 new, 1 known already.\n');
  });

  it.each([
    ['nothing', ''],
    ['another order', 'partner,userId,amount,instrument,asOf\n'],
    ['another column', `${HEADER},note\n`],
    ['no header', 'bitpanda,u,asset:1,1,2026-01-31\n'],
  ])('wants its header: %s is a bad first line', async (_, content) => {
    const { code, err } = await run('positions', 'import', file(content));
    expect([code, err]).toEqual([
      1,
      `line 1: header: expected ${HEADER}, found another\nNothing was imported: 1 bad line.\n`,
    ]);
  });

  it('wants a time after --complete-through, and says where the file names no partner', async () => {
    const path = csv('bitpanda,u,asset:1,1,2026-01-31');
    expect((await run('positions', 'import', path, '--complete-through', 'today')).code).toBe(2);
    const { code, err } = await run('positions', 'import', csv(), '--complete-through', '2026-01-31');
    expect([code, err]).toEqual([1, expect.stringContaining('The file names no partner')]);
  });

  it('is wrong use without a file that is there', async () => {
    expect((await run('positions', 'import')).code).toBe(2);
    expect(await run('positions', 'import', 'none.csv')).toMatchObject({ code: 2, err: 'No file none.csv.\n' });
    expect((await run('positions', 'import', folder)).code).toBe(2);
  });

  it('says in its help that a time without an offset is UTC', async () => {
    const { code, out } = await run('positions', 'import', '--help');
    expect([code, out]).toEqual([0, expect.stringContaining('without an offset it is UTC')]);
    expect(out).toContain(HEADER);
  });
});

describe('a corporate action that rests on what is imported', () => {
  const caId = 'b0000000-0000-4000-8000-00000000000a';
  const fresh = 'asset:c0000000-0000-4000-8000-00000000000b';

  /** Two holders prove the ratio 1/2; of a third only the new share came. */
  async function spunOff(old: string): Promise<void> {
    const database = api.database.kysely;
    await announced(database, { caId, old, fresh: [fresh] });
    for (const user of ['u1', 'u2']) {
      await book(database, { user, caId, instrument: old, amount: '-10' });
      await book(database, { user, caId, instrument: old, amount: '10' });
      await book(database, { user, caId, instrument: fresh, amount: '5' });
      await judged(database, { caId, user, verdict: 'complete' });
    }
    await book(database, { user: 'u3', caId, instrument: fresh, amount: '5' });
    await judged(database, { caId, user: 'u3', verdict: 'unverified' });
  }

  async function verdicts(): Promise<Readonly<Record<string, unknown>>> {
    const { body } = await api.call('GET', `/operations/corporate-actions/${caId}`);
    const holders: { userId: string; verdict: string }[] = JSON.parse(JSON.stringify(body.holders));
    return Object.fromEntries(holders.map(({ userId, verdict }) => [userId, verdict]));
  }

  it('is judged again: who had sold all before is good, whose share is missing is a break', async () => {
    await spunOff(GOLD);
    const path = csv(`bitpanda,u3,${GOLD},0,2026-02-01`);
    const { out } = await run('positions', 'import', path);
    expect(out).toContain('1 corporate action judged again.');
    expect(await verdicts()).toEqual({ u1: 'complete', u2: 'complete', u3: 'unverified' });
    const short = await run('positions', 'import', path, '--complete-through', '2026-02-28T23:59:59Z');
    expect(short.out).toContain('What is told of holdings at bitpanda is complete through 2026-02-28T23:59:59.000Z.');
    expect(await verdicts()).toMatchObject({ u3: 'unverified' });
    await run('positions', 'import', path, '--complete-through', '2026-03-01');
    expect(await verdicts()).toEqual({ u1: 'complete', u2: 'complete', u3: 'old-share-sold' });
    await run('positions', 'import', csv(`bitpanda,u3,${GOLD},10,2026-02-02`, `bitpanda,u4,${GOLD},10,2026-02-02`));
    expect(await verdicts()).toEqual({ u1: 'complete', u2: 'complete', u3: 'break', u4: 'break' });
  });

  it('is found under the other id of its old instrument, and left alone by other instruments and partners', async () => {
    await spunOff(GOLD);
    const other = csv('bitpanda,u3,asset:8,0,2026-02-01', `tradevest,u3,${GOLD},0,2026-02-01`);
    expect((await run('positions', 'import', other)).out).not.toContain('judged again');
    await learned(api.database.kysely, 'asset:7', GOLD);
    const path = csv('bitpanda,u3,asset:7,0,2026-02-01');
    const { out } = await run('positions', 'import', path, '--complete-through', '2026-03-01');
    expect(out).toContain('1 corporate action judged again.');
    expect(await verdicts()).toMatchObject({ u3: 'old-share-sold' });
  });
});

/** A file of so many lines, each another user. */
async function large(lines: number, last = ''): Promise<string> {
  const path = join(folder, `${randomUUID()}.csv`);
  const stream = createWriteStream(path);
  stream.write(`${HEADER}\n`);
  for (let from = 0; from < lines; from += 10_000) {
    const count = Math.min(10_000, lines - from);
    const block = Array.from({ length: count }, (_, index) => {
      const user = `a0000000-0000-4000-8000-${String(from + index).padStart(12, '0')}`;
      return `bitpanda,${user},${GOLD},${from + index}.12345678,2026-01-31T00:00:00Z\n`;
    });
    if (!stream.write(block.join(''))) await once(stream, 'drain');
  }
  stream.end(last);
  await once(stream, 'close');
  return path;
}

async function countOpenings(): Promise<number> {
  const { count } = await api.database.kysely
    .selectFrom('openings')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

const LARGE = Number(process.env.IMPORT_LINES ?? 1_000_000);

describe('a file of a million lines', () => {
  /** Prints the most memory the process ever had, in KiB. */
  const preload = join(folder, 'most-memory.cjs');
  beforeAll(() =>
    writeFileSync(
      preload,
      "process.on('exit', () => process.stderr.write(`most memory ${process.resourceUsage().maxRSS}\\n`));",
    ),
  );

  async function importWatched(path: string) {
    const ran = await start(['positions', 'import', path], {
      NODE_OPTIONS: `--max-old-space-size=64 --require ${preload}`,
    }).ended;
    return { ...ran, mostKiB: Number(/most memory (\d+)/.exec(ran.err)?.[1]) };
  }

  it('is imported in the memory that a file of one line takes and a little more, with progress, once', async () => {
    const one = await importWatched(csv('bitpanda,u,asset:1,1,2026-01-31'));
    const path = await large(LARGE);
    const all = await importWatched(path);
    expect([all.code, all.out]).toEqual([0, `${LARGE} lines: ${LARGE} new, 0 known already.\n`]);
    expect(all.err).toMatch(/^\d+ lines read$/m);
    expect(all.mostKiB - one.mostKiB).toBeLessThan(80 * 1024);
    expect(await countOpenings()).toBe(LARGE + 1);
  }, 300_000);
});
