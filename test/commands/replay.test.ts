import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { inWords } from '../../src/replay/violation';
import { testServers } from '../support/servers';
import { bundleWith, type ChangedBundle, WRITES_BEFORE_READING } from '../workflows/changed-bundle';
import { partnerflow, type Ran } from '../support/partnerflow';

const CLI = resolve('dist/src/cli.js');
const HISTORIES = resolve('test/histories/0.1.0');
const READS = join(HISTORIES, 'order.filled-waits-for-settlement.json');
const WAITS = join(HISTORIES, 'order.placed-waits-for-fill.json');

let folder: string;
let planted: ChangedBundle;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'partnerflow-replay-'));
  planted = await bundleWith(WRITES_BEFORE_READING);
});
afterAll(() => {
  planted.remove();
  rmSync(folder, { recursive: true });
});

function replay(...words: readonly string[]): Promise<Ran> {
  return partnerflow(['replay', ...words], { TEMPORAL_ADDRESS: testServers().temporalAddress }, folder);
}

describe('partnerflow replay', () => {
  it('lets histories pass that the code of this build goes on from, also those of a folder', async () => {
    expect(await replay(READS, WAITS)).toMatchObject({ code: 0, out: '2 flows replay on the bundle, 0 not.\n' });
    const nested = await replay('--json', HISTORIES);
    expect(nested.code).toBe(0);
    expect(JSON.parse(nested.out)).toMatchObject({ failed: [], endedMeanwhile: 0 });
  });

  it('names the history that a change would stop, with the step that differs, and says nothing else', async () => {
    const reason = 'its history has the activity readObject, where the new code calls writeSubject';
    const { code, out, err } = await replay('--bundle', planted.path, READS, WAITS);
    expect(code).toBe(1);
    expect(out).toBe(`${READS} does not replay: ${reason}.\n1 flow replays on the bundle, 1 not.\n`);
    // A slow machine is told how far it is.
    expect(err.replaceAll(/^\d+ of about \d+ replayed\n/gm, '')).toBe('');
    const asJson = await replay('--bundle', planted.path, '--json', READS);
    expect(asJson.code).toBe(1);
    expect(JSON.parse(asJson.out)).toEqual({
      replayed: 0,
      failed: [{ workflowId: READS, reason }],
      endedMeanwhile: 0,
    });
  });

  it('is content with a server on which nothing is open', async () => {
    const { code, out } = await replay('--from-server', '--filter', `TaskQueue = "${randomUUID()}"`);
    expect([code, out]).toEqual([0, '0 flows replay on the bundle, 0 not.\n']);
  });

  it.each([
    [[], /^Expected files of histories, or --from-server\./],
    [['--from-server', WAITS], /one of the two/],
    [['--filter', 'x', WAITS], /--filter: expected together with --from-server/],
    [['--bundle', 'no-such-bundle.js', WAITS], /--bundle: expected a file, found none at no-such-bundle\.js/],
    [['no-such-file.json'], /^no-such-file\.json: expected a file or folder of histories, found none/],
    [[resolve('package.json')], /package\.json: expected a history as JSON/],
    [['--from-server', '--filter', 'nonsense ('], /--filter: expected a visibility query of Temporal/],
  ])('%j is wrong use: exit code 2 and a sentence', async (words, said) => {
    const { code, out, err } = await replay(...words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(said);
    expect(err).not.toMatch(/^ +at /m);
  });

  it('says that Temporal is away with exit code 3', async () => {
    const child = spawn(process.execPath, [CLI, 'replay', '--from-server'], {
      cwd: folder,
      env: { PATH: process.env.PATH, TEMPORAL_ADDRESS: '127.0.0.1:1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise((done) => child.on('close', done));
    expect([code, err]).toEqual([3, 'Temporal is away at 127.0.0.1:1.\n']);
  });
});

describe('why a history does not replay', () => {
  const native = (message: string): Error => new Error(`Details: Failure { message: "${message}", source: "" }`);

  it.each([
    [
      '[TMPRL1100] Nondeterminism error: No command scheduled for event HistoryEvent(id: 12, TimerStarted)',
      'event 12 of its history is "timer started", where the new code gives no command',
    ],
    [
      '[TMPRL1100] Nondeterminism error: Activity machine does not handle this event: HistoryEvent(id: 23, UpsertWorkflowSearchAttributes)',
      'event 23 of its history is "upsert workflow search attributes", where the new code gives a command for: activity',
    ],
    [
      '[TMPRL1100] Nondeterminism error: of a new kind',
      'the new code does not do what its history says: of a new kind',
    ],
    ['no lifecycle for a \\"thing\\"', 'the new code throws: no lifecycle for a "thing"'],
  ])('%s', (message, words) => {
    expect(inWords(native(message))).toBe(words);
  });

  it('is the first line of what the SDK says, where that has another shape', () => {
    expect(inWords(new Error('a sentence\nand a stack'))).toBe('a sentence');
  });
});
