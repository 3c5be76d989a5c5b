import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mapConcurrently } from '../../src/lib/concurrency';
import { guideExamples } from '../docs/guide-examples';
import { ruleExamples } from '../domain/corporate-actions/rule-examples';
import { eventually } from '../support/eventually';
import { partnerflow } from '../support/partnerflow';
import { eventsOf, INSTRUMENTS } from './events-in-words';
import { type MovementSystem, openMovementSystem } from './movements';

jest.setTimeout(300_000);

/** One example as a corporate action of its own: what is told of it, and what the API must show. */
interface Told {
  readonly name: string;
  readonly caId: string;
  readonly userId: string;
  readonly type: string;
  readonly others: readonly string[];
  readonly words: string;
  readonly before: string | null;
  readonly day: string;
  readonly expected: readonly string[];
}

/** All at once would be more than a busy machine keeps within a receiver's time. */
const EXAMPLES_AT_ONCE = 8;

/** The day of the movements, and one that our word does not reach. */
const [DAY, LATER] = ['2026-03-02', '2026-03-04'];
const THROUGH = '2026-03-03T00:00:00Z';

const TOLD: readonly Told[] = [
  ...ruleExamples().map((one) => ({ ...one, name: one.rule, day: DAY })),
  ...guideExamples().map(({ verdict, ...one }) => ({
    ...one,
    name: 'the guide',
    words: one.words === 'nothing' ? '' : one.words,
    before: one.before === 'not known' ? null : one.before === 'not complete' ? '0' : one.before,
    day: one.before === 'not complete' ? LATER : DAY,
    expected: verdict.split(', '),
  })),
].map((one) => ({ ...one, caId: randomUUID(), userId: randomUUID() }));

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-examples-'));
let system: MovementSystem;

beforeAll(async () => {
  system = await openMovementSystem();
  system.partners.events = [];
  await system.receive();
  system.work();
  await tellHoldings();
  const deliveries = await mapConcurrently([...TOLD.entries()], EXAMPLES_AT_ONCE, ([index, one]) => post(one, index));
  for (const id of deliveries.flat()) expect(await system.becameOf(id)).toBe('applied');
});

afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true });
});

/** Tells what each holder held before: an opening cannot be negative, so one below zero is a trade beside an opening of 0. */
async function tellHoldings(): Promise<void> {
  const known = TOLD.flatMap(({ userId, before }) => (before === null ? [] : [{ userId, before }]));
  const file = join(folder, 'openings.csv');
  const lines = known.map(({ userId, before }) => {
    const amount = before.startsWith('-') ? '0' : before;
    return `bitpanda,${userId},${INSTRUMENTS.OLD},${amount},2026-01-01T00:00:00Z`;
  });
  writeFileSync(file, ['partner,userId,instrument,amount,asOf', ...lines, ''].join('\n'));
  const imported = await partnerflow(['positions', 'import', file], { DATABASE_URL: system.databaseUrl });
  expect(imported).toMatchObject({ code: 0, err: '' });
  const trades = known
    .filter(({ before }) => before.startsWith('-'))
    .map(({ userId, before }) => ({
      ...{ partner: 'bitpanda', userId, instrument: INSTRUMENTS.OLD, amount: before },
      ...{ tradedAt: '2026-02-01T00:00:00Z', reference: randomUUID() },
    }));
  expect(await system.call('POST', '/operations/trades', { trades })).toMatchObject({ status: 200 });
  const word = { partner: 'bitpanda', through: THROUGH };
  expect(await system.call('POST', '/operations/holdings/complete-through', word)).toMatchObject({ status: 200 });
}

/** Posts the movements of all holders of an example; those of every other one arrive the other way round. */
async function post({ caId, userId, type, others, words, day }: Told, index: number): Promise<readonly string[]> {
  const holders = [...others.map((one) => ({ userId: randomUUID(), words: one })), { userId, words }];
  const events = holders.flatMap((one) => eventsOf({ caId, userId: one.userId, type, words: one.words, day }));
  return Promise.all((index % 2 === 0 ? events : events.reverse()).map((event) => system.post(event)));
}

/** What the API shows of the holder, in the words of the examples. */
async function shown({ caId, userId }: Told): Promise<readonly string[]> {
  const set = (await system.actionOf(caId)).holders.find((one) => one.userId === userId);
  if (set === undefined) return [];
  return [
    set.verdict ?? 'not judged',
    ...set.breaks.map(({ kind, leg, expected }) => [kind, leg, expected].filter((word) => word !== null).join(' ')),
    ...set.unverified.map(({ reason, missing }) => `${reason}: ${missing.join(' ')}`),
  ].map(inWords);
}

/** With instruments by their names in the examples, and no colon before nothing. */
function inWords(text: string): string {
  const named = Object.entries(INSTRUMENTS).reduce(
    (so, [name, instrument]) => so.replaceAll(instrument, `asset:${name.toLowerCase()}`),
    text,
  );
  return named.replace(/:\s*$/, '');
}

test.each(TOLD)('$name: $type, $words beside $others with $before held before', async (one) => {
  await eventually(async () => expect(await shown(one)).toEqual(one.expected.map(inWords)));
});

test('once nothing more is to be judged every example still shows the same, and the balance holds', async () => {
  await eventually(async () => {
    const { body } = await system.call('GET', '/operations/flows?lifecycle=corporateAction&limit=500');
    expect(JSON.stringify(body)).not.toContain('"settle"');
  });
  for (const one of TOLD) expect([one.words, await shown(one)]).toEqual([one.words, one.expected.map(inWords)]);
  const { body } = await system.call('GET', '/operations/balance');
  expect(body).toMatchObject({ pending: 0, parked: 0, open: 0, illegal: 0, balanced: true });
});
