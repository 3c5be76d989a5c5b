import { sql } from 'kysely';

import type { Finding, Outcome } from '../../src/domain/subject';
import { loggedIn, seen } from '../page/browse';
import { partnerflow } from '../support/partnerflow';
import { testServers } from '../support/servers';
import { type Api, follow, keep, openApi, SUBJECT, TOKEN } from './harness';

jest.setTimeout(120_000);

let api: Api;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());
beforeEach(async () => {
  for (const table of ['deliveries', 'subjects', 'subject_findings'] as const)
    await api.database.kysely.deleteFrom(table).execute();
});

/** A moment of the day of the outage, such as `09:30`. */
const at = (clock: string): string => `2026-11-03T${clock}:00.000Z`;
const order = (name: string): string => `tradevest:order:${name}`;

function finding(kind: Finding['finding'], clock: string, found: string): Finding {
  return { finding: kind, at: at(clock), state: 'PLACED', found };
}

/** A flow with its findings, as a flow writes them: not with its first row, but with a later one. */
async function flow(
  name: string,
  findings: readonly Finding[],
  more: Parameters<typeof follow>[2] = {},
): Promise<void> {
  const id = `${more.partner ?? 'tradevest'}:order:${name}`;
  await follow(api.database.kysely, id, { id: name, dueAt: null, end: ended, ...more });
  const subject = { ...SUBJECT, id: name, ...more, findings };
  for (const version of [2, 3])
    await sql`UPDATE subjects SET subject = ${JSON.stringify(subject)}::jsonb, version = ${version} WHERE workflow_id = ${id}`.execute(
      api.database.kysely,
    );
}

const ended = { state: 'SETTLED', at: at('14:00'), by: 'partner' as const };

async function came(name: string | null, clock: string, outcome: Outcome | null, source = 'webhook'): Promise<string> {
  const id = await keep(api.database.kysely, {
    ...{ status: outcome === null ? 'parked' : 'delivered', outcome, receivedAt: new Date(at(clock)) },
    workflowId: name === null ? null : order(name),
  });
  await sql`UPDATE deliveries SET source = ${source}, event = 'ORDER' WHERE id = ${id}::uuid`.execute(
    api.database.kysely,
  );
  return id;
}

/** A partner that was down from nine to twelve, and what its outage did. */
async function outage() {
  await flow('read', [finding('missed', '13:00', 'FILLED')]);
  await flow('swept', []);
  const swept = await came('swept', '13:10', 'applied', 'sweep');
  await flow('slow', [finding('slow', '11:00', 'PLACED')]);
  const slow = await came('slow', '12:30', 'applied');
  await flow('told after all', [finding('missed', '13:00', 'FILLED')]);
  const toldAfterAll = await came('told after all', '13:30', 'repeated');
  const afterTheEnd = await came('ended', '12:45', 'late');
  await flow('owed', [], { dueAt: at('11:30'), end: null, overdue: true });
  // Nothing of these is named: all went well, it was another partner or another day, or it is due later.
  await came('well', '08:30', 'applied');
  await came('well', '14:10', 'applied');
  await came('well', '14:20', 'repeated');
  await flow('other', [finding('missed', '13:00', 'FILLED')], { partner: 'coinify' });
  await flow('before', [finding('missed', '07:00', 'FILLED')]);
  await flow('due later', [], { dueAt: at('15:00'), end: null });
  await came('swept twice', '13:10', 'repeated', 'sweep');
  return { swept, slow, toldAfterAll, afterTheEnd };
}

interface Shown {
  readonly count: number;
  readonly items: readonly Readonly<Record<string, unknown>>[];
}

interface Reported {
  readonly [name: string]: unknown;
  readonly came: Readonly<Record<string, number>>;
  readonly lost: Shown;
  readonly recovered: Shown;
  readonly late: Shown;
  readonly open: Shown;
  readonly slots: readonly Readonly<Record<string, unknown>>[];
}

const WINDOW = `partner=tradevest&from=2026-11-03T08:00Z&to=2026-11-03T15:00Z`;

async function report(query = WINDOW): Promise<Reported> {
  const { status, text } = await api.call('GET', `/operations/report?${query}`);
  expect(status).toBe(200);
  const body: Reported = JSON.parse(text);
  return body;
}

const names = ({ items }: Shown): readonly unknown[] => items.map(({ workflowId }) => workflowId);

describe('the report of an outage of three hours', () => {
  it('names what was lost, recovered, late and is still owed, and nothing else', async () => {
    const { swept, slow, toldAfterAll, afterTheEnd } = await outage();
    const found = await report();
    expect(names(found.lost)).toEqual([order('read'), order('told after all'), order('swept')]);
    expect(found.lost.items).toMatchObject([
      { at: at('13:00'), how: 'read', state: 'PLACED', found: 'FILLED', deliveryId: null },
      { at: at('13:00'), how: 'read' },
      { at: at('13:10'), how: 'sweep', found: 'applied', deliveryId: swept },
    ]);
    expect(names(found.recovered)).toEqual(names(found.lost));
    expect(found.late.items.map(({ deliveryId }) => deliveryId)).toEqual([slow, afterTheEnd, toldAfterAll]);
    expect(names(found.open)).toEqual([order('owed')]);
    expect([found.lost.count, found.recovered.count, found.late.count, found.open.count]).toEqual([3, 3, 3, 1]);
    expect(found.complete).toBe(false);
  });

  it('counts what came by what became of it, and by the hour', async () => {
    await outage();
    const found = await report();
    expect(found.came).toMatchObject({ total: 6, applied: 3, repeated: 2, late: 1, parked: 0, open: 0 });
    const hours = found.slots.map(({ from, came: number, lost, recovered, late }) => [
      ...[String(from).slice(11, 13), number, lost, recovered, late],
    ]);
    expect(hours).toEqual([
      ...[
        ['08', 1, 0, 0, 0],
        ['09', 0, 0, 0, 0],
        ['10', 0, 0, 0, 0],
        ['11', 0, 0, 0, 0],
      ],
      ...[
        ['12', 2, 0, 0, 2],
        ['13', 1, 3, 3, 1],
        ['14', 2, 0, 0, 0],
      ],
    ]);
  });

  it('is complete once what was owed has come, and not while something that was swept is parked', async () => {
    await outage();
    await sql`UPDATE subjects SET open = false WHERE workflow_id = ${order('owed')}`.execute(api.database.kysely);
    expect((await report()).complete).toBe(true);
    await came(null, '13:20', null, 'sweep');
    const found = await report();
    expect([found.lost.count, found.recovered.count, found.complete]).toEqual([4, 3, false]);
  });

  it('is of all partners where none is named, and by days where it is long', async () => {
    await outage();
    const all = await report('from=2026-11-03T08:00Z&to=2026-11-03T15:00Z');
    expect(names(all.lost)).toContain('coinify:order:other');
    const long = await report('partner=tradevest&from=2026-10-01&to=2026-11-10');
    expect([long.slot, long.slots.length]).toEqual(['day', 40]);
    expect(long.slots.filter(({ lost }) => lost !== 0)).toMatchObject([{ from: '2026-11-03T00:00:00.000Z', lost: 4 }]);
  });

  it.each([
    'partner=tradevest',
    'from=soon',
    'from=2026-11-03T08:00',
    'from=2026-11-03&to=2026-11-03',
    'from=2026-11-03&to=2026-11-02',
    'from=2020-01-01&to=2026-11-02',
    'from=2026-11-03&partner=nobody',
  ])('refuses %s with 400', async (query) => {
    expect((await api.call('GET', `/operations/report?${query}`)).status).toBe(400);
  });

  it('is drawn on the page without a script', async () => {
    const { slow } = await outage();
    const alice = await loggedIn(api.url, TOKEN);
    const answer = await alice.get(`/operations/page/report?${WINDOW}`);
    expect(answer.text).toContain('<svg class="chart"');
    expect(answer.text).toContain('<rect class="lost"');
    expect(answer.text).not.toMatch(/<script|style=/);
    expect(answer.text).toContain(slow);
    expect(seen(answer)).toContain('2026-11-03 13:00: came 1, lost 3, recovered 3, late 1');
    expect((await alice.get('/operations/page/report')).status).toBe(200);
    expect((await alice.get('/operations/page/report?from=soon')).status).toBe(400);
  });

  it('is told at the command line in words, and as the route answers it', async () => {
    await outage();
    const run = (...words: readonly string[]) =>
      partnerflow(['report', ...words], {
        ...{ DATABASE_URL: api.databaseUrl, TEMPORAL_ADDRESS: testServers().temporalAddress },
        TEMPORAL_UI_URL: 'http://ui.example',
      });
    const window = ['--partner', 'tradevest', '--from', '2026-11-03T08:00Z', '--to', '2026-11-03T15:00Z'];
    const { code, out } = await run(...window);
    expect(code).toBe(1);
    for (const words of [order('read'), order('owed'), '3 recovered', 'Something of the window is still missing'])
      expect(out).toContain(words);
    const json: Reported = JSON.parse((await run(...window, '--json')).out);
    expect({ ...json, asOf: '' }).toEqual({ ...(await report()), asOf: '' });
    expect((await run('--partner', 'tradevest')).code).toBe(2);
    expect((await run('--partner', 'nobody', '--from', '2026-11-03')).code).toBe(2);
    expect((await run('--from', '2026-11-03', '--to', '2026-11-02')).code).toBe(2);
    expect((await run('--from', '2020-01-01', '--to', '2020-01-02')).code).toBe(0);
  });
});
