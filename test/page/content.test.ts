import { type Api, follow, keep, openApi, TOKEN } from '../operations/harness';
import { announced, emptyLedger, judged, owe } from '../operations/ledger-rows';
import { type Browse, formTokenIn, loggedIn, seen } from './browse';
import { everyPage, fill, type Filled, HOSTILE, tell } from './filled';

let api: Api;
let alice: Browse;
beforeAll(async () => {
  api = await openApi();
  alice = await loggedIn(api.url, TOKEN);
});
afterAll(() => api.close());

async function empty(): Promise<void> {
  const { kysely } = api.database;
  await emptyLedger(kysely);
  for (const table of ['deliveries', 'subjects', 'counters', 'rejections', 'operator_actions', 'outbox'] as const)
    await kysely.deleteFrom(table).execute();
  api.asked.actions.length = 0;
  api.asked.wakes = 0;
  api.stand.operator = { kind: 'done' };
}
beforeEach(empty);

function at(kind: string, id: string): string {
  return `/operations/page/${kind}/${encodeURIComponent(id)}`;
}

/** Addresses of links with the given words, as the browser would follow them. */
function linksOf(text: string, words: string): readonly string[] {
  return Array.from(text.matchAll(/<a href="([^"]*)"[^>]*>([^<]*)<\/a>/g), ([, href = '', shown = '']) => ({
    href: href.replaceAll('&amp;', '&'),
    shown,
  }))
    .filter(({ shown }) => shown === words)
    .map(({ href }) => href);
}

describe('what an operator sees', () => {
  it('is calm where nothing is wrong', async () => {
    const text = seen(await alice.get('/operations/'));
    expect(text).toContain('Balanced 0 deliveries');
    expect(text).toContain('Nothing is overdue.');
    expect(text).toContain('Every delivery is accounted for.');
  });

  it('is, first, what is wrong: how many, how late, and of whom', async () => {
    const filled = await fill(api);
    const answer = await alice.get('/operations/');
    const text = seen(answer);
    expect(text).toContain('3 overdue flows');
    expect(text).toContain('2 parked deliveries');
    expect(text).toContain('1 break 2 obligations');
    expect(text).toContain('2 obligations to pass on, 2 late');
    expect(text).toContain('2 dead messages');
    expect(text).toContain('2 refused requests');
    expect(text).toContain('received 5 = pending 0 + duplicate 1 + parked 2 + delivered 2');
    // The one that has waited longest stands first.
    expect(text.indexOf('coinify:trade:88121')).toBeLessThan(text.indexOf(filled.overdue));
    expect(text).toMatch(/coinify:trade:88121 2 d late unreachable created completed, expired/);
    expect(answer.text).toContain('http://ui.example/namespaces/default/workflows/coinify%3Atrade%3A88121');
  });

  it('is unbalanced in words, too, where a delivery is lost', async () => {
    await keep(api.database.kysely, { status: 'delivered', outcome: 'applied' });
    await api.database.kysely.deleteFrom('deliveries').execute();
    const text = seen(await alice.get('/operations/'));
    expect(text).toContain('Unbalanced 1 delivery');
    expect(text).toContain('Not every delivery is accounted for.');
  });

  it('holds for every partner what was lost of all that should have come, and how late it is now', async () => {
    const { kysely } = api.database;
    for (let count = 0; count < 3; count += 1) await keep(kysely, { status: 'delivered', outcome: 'applied' });
    await keep(kysely, { status: 'duplicate' });
    const swept = await keep(kysely, { status: 'delivered', outcome: 'applied' });
    await kysely.updateTable('deliveries').set({ source: 'sweep' }).where('id', '=', swept).execute();
    await kysely
      .insertInto('counters')
      .values({ name: 'recovered', partner: 'tradevest', slot: 0, value: '1' })
      .execute();
    for (const hours of [1, 2, 30])
      await follow(kysely, `tradevest:order:${hours}`, {
        ...{ id: String(hours), overdue: true },
        dueAt: new Date(Date.now() - hours * 3_600_000 - 1_000).toISOString(),
      });
    const text = seen(await alice.get('/operations/'));
    expect(text).toContain('tradevest 3 1 25.0 % 3 2 h 1 d 6 h');
    expect(text).toContain('coinify 0 0 – 0 – –');
    expect(text).toContain('Loss rate: lost of all that should have come');
  });

  it('is one flow with its findings, its notifications, who did what and why, and the way into Temporal', async () => {
    const filled = await fill(api);
    const answer = await alice.get(at('flow', filled.overdue));
    const text = seen(answer);
    expect(text).toMatch(/State FILLED Waits for SETTLED/);
    expect(text).toMatch(/slow : The object has not moved: the partner is late\./);
    expect(text).toMatch(/bob extend, seconds 3600 the partner said tomorrow/);
    expect(text).toMatch(/applied.*repeated/);
    expect(answer.text).toContain('href="http://ui.example/namespaces/default/workflows/');
    expect(seen(await alice.get(at('flow', filled.ended)))).toContain('SETTLED, said by operator');
    expect((await alice.get(at('flow', filled.ended))).text).not.toContain('<legend>');
  });

  it('are breaks by corporate action and holder, those that nobody resolved first', async () => {
    const filled = await fill(api);
    const answer = await alice.get('/operations/page/breaks');
    const text = seen(answer);
    expect(text).toContain('missing-leg: new-in asset:4711: expected 5');
    expect(text.indexOf('not resolved')).toBeLessThan(text.indexOf('done by'));
    expect(text).not.toContain('user-3');
    expect(answer.text).toContain(`href="/operations/page/flow/bitpanda%3Acorporate-action%3A${filled.caId}%3Auser-1"`);
    expect(seen(await alice.get(at('corporate-action', filled.caId)))).toMatch(/user-3 complete/);
  });

  it('are the reasons of a set that is unverified, and where 0.2.0 judged it that none is kept', async () => {
    const { kysely } = api.database;
    const caId = 'c1d5b1a0-7a3e-4e0e-8a50-cc2f1a77d002';
    await announced(kysely, { caId });
    const unverified = [
      { reason: 'holdings not known', missing: ['opening', 'complete-through'] },
      { reason: 'ratio not known', missing: [HOSTILE] },
    ] as const;
    await judged(kysely, { caId, user: 'user-4', verdict: 'unverified', unverified });
    await judged(kysely, { caId, user: 'user-5', verdict: 'unverified' });
    const answer = await alice.get(at('corporate-action', caId));
    expect(seen(answer)).toContain(
      'user-4 unverified holdings not known (opening, complete-through) ratio not known (',
    );
    expect(answer.text).not.toContain('<script>');
    expect(seen(answer)).toContain('user-5 unverified what is known does not decide it');
  });

  it('are obligations by state; one whose money was taken back is owed no more and offers no payment', async () => {
    const { kysely } = api.database;
    const cancelled = await owe(kysely, { user: 'user-6', instrument: 'fiat:1', amount: '8' });
    await owe(kysely, { user: 'user-7', instrument: 'fiat:1', amount: '9' });
    await kysely.updateTable('obligations').set({ lessened: '8' }).where('id', '=', cancelled.id).execute();
    const some = await alice.get('/operations/page/obligations?show=cancelled');
    expect(seen(some)).toContain('cancelled: the partner took the money back');
    expect(seen(some)).not.toMatch(/user-7|late|Reference of the payment/);
    const all = await alice.get('/operations/page/obligations');
    expect(Array.from(all.text.matchAll(/Mark as paid/g))).toHaveLength(1);
    const answer = await alice.post(`${at('obligation', cancelled.id)}/paid`, { reference: 'SEPA 18' });
    expect([answer.status, seen(answer).includes('Its money was taken back.')]).toEqual([409, true]);
  });

  it('are messages that were given up, each with its subject and why, and on demand those that wait or were taken', async () => {
    const filled = await fill(api);
    const dead = await alice.get('/operations/page/outbox?state=dead');
    expect(seen(dead)).toContain('Dead messages');
    expect(seen(dead)).toContain(`movement.booked ${filled.overdue} dead 250 status 500`);
    expect(seen(dead)).not.toContain('timeout');
    expect(linksOf(dead.text, filled.overdue)).toEqual([at('flow', filled.overdue)]);
    expect(dead.text).toContain(`aria-label="Retry ${filled.deadMessage}"`);
    const all = await alice.get('/operations/page/outbox');
    expect(seen(all)).toContain('waiting 250 timeout');
    // Only what was given up can be sent again.
    expect(Array.from(all.text.matchAll(/aria-label="Retry /g))).toHaveLength(2);
    const refused = await alice.get('/operations/page/outbox?state=lost');
    expect([refused.status, seen(refused).includes('State: expected one of waiting, sent, dead')]).toEqual([400, true]);
  });

  it('is found by the workflow id that an alert names', async () => {
    const id = ' tradevest:order:a/b?c ';
    const { status, headers } = await alice.get(`/operations/page/flow?id=${encodeURIComponent(id)}`);
    expect([status, headers.location]).toEqual([303, '/operations/page/flow/tradevest%3Aorder%3Aa%2Fb%3Fc']);
  });

  it.each([
    ['flows', '/operations/page/flows?show=overdue&limit=2', 'tradevest:order:'],
    ['flows', '/operations/page/flows?show=open&partner=tradevest&limit=2', 'tradevest:order:'],
    ['deliveries', '/operations/page/deliveries?limit=2', 'Retry '],
    ['dead messages', '/operations/page/outbox?state=dead&limit=2', 'Retry '],
    ['refused requests', '/operations/page/rejections?limit=2', 'reason-'],
    ['obligations', '/operations/page/obligations?limit=2', 'user-'],
    ['breaks', '/operations/page/breaks?limit=2', 'holder-'],
    ['what operators did', '/operations/page/deeds?limit=2', 'deed-'],
  ])('is paged: %s at %s show everything once', async (_what, first, word) => {
    await fillFive();
    const found: string[] = [];
    let address: string | undefined = first;
    for (let page = 0; address !== undefined && page < 9; page += 1) {
      const { status, text } = await alice.get(address);
      expect(status).toBe(200);
      const ids = Array.from(text.matchAll(new RegExp(`${word}[0-9a-f-]+`, 'g')), ([id]) => id);
      found.push(...new Set(ids));
      address = linksOf(text, 'Next page')[0];
    }
    expect(found).toHaveLength(5);
    expect(new Set(found).size).toBe(5);
  });

  async function fillFive(): Promise<void> {
    const { kysely } = api.database;
    const resolution = { by: 'bob', reason: 'paid by hand', result: 'done', at: '2026-01-05T00:00:00.000Z' } as const;
    for (const count of [1, 2, 3, 4, 5]) {
      // Two that are due at the same moment must not hide each other at the end of a page.
      const dueAt = `2026-01-04T03:04:0${Math.floor(count / 2)}.678Z`;
      await follow(kysely, `tradevest:order:${count}`, { id: String(count), overdue: true, dueAt });
      await keep(kysely, { status: 'parked' });
      await tell(api, `tradevest:order:${count}`, 'dead', 'status 500');
      await judged(kysely, {
        caId: 'action',
        user: `holder-${count}`,
        verdict: 'break',
        ...(count < 4 ? { resolution } : {}),
      });
      await owe(kysely, { user: `user-${count}`, instrument: 'fiat:1', amount: '1' });
      const rejection = { at: new Date(), partner: 'coinify' as const, route: 'coinify', body_bytes: 1, raw: null };
      await kysely
        .insertInto('rejections')
        .values({ ...rejection, reason: `reason-${count}`, body_sha256: Buffer.alloc(32) })
        .execute();
      await kysely
        .insertInto('operator_actions')
        .values({ by: `deed-${count}`, action: 'refetch', target: 'x', reason: null, details: '{}' })
        .execute();
    }
  }
});

describe('script in what partners send', () => {
  let filled: Filled;
  beforeEach(async () => {
    filled = await fill(api);
  });

  it('is text on every page, never an element, an attribute or an address', async () => {
    let shown = 0;
    for (const path of everyPage(filled)) {
      const { text } = await alice.get(path);
      expect(text).not.toMatch(/<script|<img/i);
      // Inside a tag: no attribute of an event, and no address that is not ours or the UI's.
      for (const [tag] of text.matchAll(/<[a-z][^>]*>/gi)) {
        expect(tag.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/\son\w+\s*=/i);
        for (const [, address = ''] of tag.matchAll(/\s(?:href|action|src)="([^"]*)"/g))
          expect(address).toMatch(/^(\/operations\/|#|http:\/\/ui\.example\/)/);
      }
      if (seen({ status: 200, headers: {}, text }).includes('<script>alert(1)</script>')) shown += 1;
    }
    expect(shown).toBeGreaterThan(7);
  });

  it('is text in what a refusal repeats', async () => {
    for (const path of [`/operations/page/flows?show=${encodeURIComponent(HOSTILE)}`, at('flow', HOSTILE)]) {
      const { status, text } = await alice.get(path);
      expect([400, 404]).toContain(status);
      expect(text).not.toContain('<script');
    }
  });

  it('as a reason goes to the flow as it was typed, and comes back as text', async () => {
    const path = `${at('flow', filled.overdue)}/act`;
    const { status } = await alice.post(path, { action: 'refetch', reason: HOSTILE });
    expect(status).toBe(303);
    expect(api.asked.actions[0]?.action.reason).toBe(HOSTILE);
  });

  it('as a token of the login is not repeated', async () => {
    const { text } = await alice.post('/operations/page/login', { token: HOSTILE, to: HOSTILE });
    expect(text).not.toContain('alert(');
  });
});

describe('what an operator does', () => {
  const workflowId = 'tradevest:order:a%20b';
  const flow = at('flow', workflowId);
  beforeEach(() => follow(api.database.kysely, workflowId, { id: 'a b', overdue: true }));

  it.each([
    [{ action: 'refetch' }, { kind: 'refetch' }],
    [
      { action: 'extend', amount: '1.5', unitSeconds: '3600' },
      { kind: 'extend', seconds: 5_400 },
    ],
    [
      { action: 'resolve', result: 'failed' },
      { kind: 'resolve', result: 'failed' },
    ],
  ])('%j is asked of the flow under her name, and she is led back to it', async (fields, action) => {
    const answer = await alice.post(`${flow}/act`, { ...fields, reason: 'they called' });
    expect([answer.status, answer.headers.location]).toEqual([303, `${flow}?done=${fields.action}`]);
    expect(api.asked.actions).toEqual([{ workflowId, action: { ...action, by: 'alice', reason: 'they called' } }]);
    expect((await alice.get(String(answer.headers.location))).text).toContain('role="status"');
  });

  it.each([
    ['without a reason', { action: 'refetch', reason: ' ' }, 422, 'reason'],
    [
      'with seconds that are none',
      { action: 'extend', reason: 'x', amount: 'soon', unitSeconds: '60' },
      422,
      'seconds',
    ],
    ['with a time below zero', { action: 'extend', reason: 'x', amount: '-1', unitSeconds: '60' }, 422, 'seconds'],
    ['with an unknown result', { action: 'resolve', reason: 'x', result: 'maybe' }, 422, 'result'],
    ['with an unknown action', { action: 'terminate', reason: 'x' }, 400, 'action'],
  ])('%s is refused by the field’s name', async (_what, fields, status, named) => {
    const answer = await alice.post(`${flow}/act`, fields);
    expect(answer.status).toBe(status);
    expect(seen(answer).toLowerCase()).toContain(`${named}: expected`);
    expect(api.asked.actions).toEqual([]);
  });

  it('is told in words when no worker answers, when the flow refuses, and when it has ended', async () => {
    const ask = () => alice.post(`${flow}/act`, { action: 'refetch', reason: 'x' });
    api.stand.operator = { kind: 'no-worker' };
    const away = await ask();
    expect([away.status, away.headers['retry-after']]).toEqual([503, '5']);
    expect(seen(away)).toContain('No worker answered within 10 s.');
    api.stand.operator = { kind: 'refused', detail: 'nothing is owed' };
    expect(seen(await ask())).toContain('Nothing is owed.');
    api.stand.operator = { kind: 'ended' };
    expect((await ask()).status).toBe(409);
  });

  it('is many at once only after she has seen which, and said why', async () => {
    for (const id of ['1', '2', '3']) await follow(api.database.kysely, `tradevest:order:${id}`, { id, overdue: true });
    const ticked: [string, string][] = ['1', '2'].map((id) => ['ticked', `tradevest:order:${id}`]);
    const confirm = await alice.post('/operations/page/flows/act', [
      ['action', 'resolve'],
      ['which', 'ticked'],
      ...ticked,
    ]);
    expect(confirm.status).toBe(200);
    expect(seen(confirm)).toContain('Nothing has been done yet. This will be asked of 2 flows:');
    expect(api.asked.actions).toEqual([]);
    const done = await alice.post('/operations/page/flows/act/confirmed', [
      ...[['action', 'resolve'] as const, ['result', 'done'] as const, ['reason', 'all settled'] as const],
      ...ticked,
    ]);
    expect(seen(done)).toContain('2 of 2 flows did as asked.');
    const action = { kind: 'resolve', result: 'done', by: 'alice', reason: 'all settled' };
    // A few are asked at a time, in no order.
    expect(api.asked.actions).toHaveLength(2);
    for (const id of ['1', '2'])
      expect(api.asked.actions).toContainEqual({ workflowId: `tradevest:order:${id}`, action });
  });

  it('is all that are shown, where she asks for those', async () => {
    await follow(api.database.kysely, 'tradevest:order:2', { id: '2', overdue: true });
    const { text } = await alice.get('/operations/page/flows');
    const shown = Array.from(text.matchAll(/name="shown" value="([^"]+)"/g), ([, id = '']): [string, string] => [
      'shown',
      id,
    ]);
    expect(shown).toHaveLength(2);
    const confirm = await alice.post('/operations/page/flows/act', [
      ['action', 'refetch'],
      ['which', 'shown'],
      ...shown,
    ]);
    expect(seen(confirm)).toContain('This will be asked of 2 flows:');
  });

  it('for many says what became of each, and asks no further where no worker answers', async () => {
    const ticked: [string, string][] = [];
    for (let id = 1; id <= 7; id += 1) {
      await follow(api.database.kysely, `tradevest:order:${id}`, { id: String(id), overdue: true });
      ticked.push(['ticked', `tradevest:order:${id}`]);
    }
    api.stand.operator = { kind: 'no-worker' };
    const fields = [['action', 'refetch'] as const, ['reason', 'x'] as const, ...ticked];
    const text = seen(await alice.post('/operations/page/flows/act/confirmed', fields));
    expect(text).toContain('0 of 7 flows did as asked.');
    expect(text).toMatch(/tradevest:order:7 not asked/);
    expect(api.asked.actions).toHaveLength(5);
    expect((await alice.post('/operations/page/flows/act', { action: 'refetch', which: 'ticked' })).status).toBe(400);
  });

  it('gives a parked delivery to dispatch again, and is seen to have', async () => {
    const id = await keep(api.database.kysely, { status: 'parked' });
    const answer = await alice.post(`${at('delivery', id)}/retry`, {});
    expect([answer.status, answer.headers.location]).toEqual([303, `${at('delivery', id)}?done=retry`]);
    expect(api.asked.wakes).toBe(1);
    const text = seen(await alice.get(String(answer.headers.location)));
    expect(text).toContain('Status pending');
    expect(text).toMatch(/UTC alice retry/);
    expect(seen(await alice.get('/operations/page/deeds'))).toMatch(new RegExp(`alice retry ${id}`));
    expect((await alice.post(`${at('delivery', id)}/retry`, {})).status).toBe(409);
  });

  it('books a parked delivery whose kind is unknown as she says, with her reason, and no other', async () => {
    const { kysely } = api.database;
    const [id, other] = [await keep(kysely, { status: 'parked' }), await keep(kysely, { status: 'parked' })];
    const awaited = { partner: 'tradevest', transaction_id: 'an event', delivery_id: id };
    await kysely.insertInto('movements_awaited').values(awaited).execute();
    expect(seen(await alice.get(at('delivery', other)))).not.toContain('It moves');
    expect(seen(await alice.get(at('delivery', id)))).toContain('It moves an asset money Why Book');
    expect((await alice.post(`${at('delivery', id)}/book`, { as: 'fiat', reason: ' ' })).status).toBe(400);
    const answer = await alice.post(`${at('delivery', id)}/book`, { as: 'fiat', reason: 'the partner said so' });
    expect([answer.status, answer.headers.location]).toEqual([303, `${at('delivery', id)}?done=book`]);
    expect(seen(await alice.get(String(answer.headers.location)))).toMatch(/UTC alice book the partner said so/);
    expect(await kysely.selectFrom('kinds_given').select(['transaction_id', 'kind', 'given_by']).execute()).toEqual([
      { transaction_id: 'an event', kind: 'fiat', given_by: 'alice' },
    ]);
    expect((await alice.post(`${at('delivery', other)}/book`, { as: 'fiat', reason: 'x' })).status).toBe(409);
  });

  it('has a message sent again that was given up, once, under her name', async () => {
    const id = await tell(api, workflowId, 'dead', 'status 500');
    const answer = await alice.post(`${at('message', id)}/retry`, {});
    expect([answer.status, answer.headers.location]).toEqual([303, '/operations/page/outbox?state=dead&done=retry']);
    const text = seen(await alice.get(String(answer.headers.location)));
    expect(text).toContain('It waits to be sent again.');
    expect(text).toContain('There are none.');
    expect(seen(await alice.get('/operations/page/outbox?state=waiting'))).toContain(
      `${workflowId} waiting 0 status 500`,
    );
    expect(seen(await alice.get('/operations/page/deeds'))).toMatch(new RegExp(`alice retry-message ${id}`));
    expect((await alice.post(`${at('message', id)}/retry`, {})).status).toBe(409);
    expect((await alice.post(`${at('message', 'never-heard-of')}/retry`, {})).status).toBe(404);
  });

  it('marks an obligation as paid with its reference, once, under her name', async () => {
    const { id } = await owe(api.database.kysely, { user: 'user-1', instrument: 'fiat:1', amount: '12.5' });
    const answer = await alice.post(`${at('obligation', id)}/paid`, { reference: 'SEPA 17' });
    expect([answer.status, answer.headers.location]).toEqual([303, '/operations/page/obligations?done=paid']);
    expect(seen(await alice.get('/operations/page/obligations'))).toContain('paid, said by alice, reference SEPA 17');
    const bob = await loggedIn(api.url, 'token-of-bob');
    await bob.post(`${at('obligation', id)}/paid`, { reference: 'again' });
    expect(seen(await alice.get('/operations/page/obligations?show=paid'))).toContain('said by alice');
    expect(seen(await alice.get('/operations/page/obligations?show=overdue'))).toContain('There are none.');
    expect((await alice.post(`${at('obligation', id)}/paid`, { reference: '' })).status).toBe(422);
  });

  it('is logged by route and name, never by what was typed', async () => {
    api.asked.log.length = 0;
    await alice.post(`${flow}/act`, { action: 'refetch', reason: 'private words' });
    expect(api.asked.log).toEqual([
      { who: 'alice', route: '/operations/flows/{workflowId}/refetch', status: 200, by: 'page' },
    ]);
  });
});

describe('trouble', () => {
  it('of the database is one calm sentence with a time to come back, and of ours is no stack trace', async () => {
    const broken = await openApi();
    const there = await loggedIn(broken.url, TOKEN);
    await broken.database.kysely.schema.alterTable('subjects').renameColumn('state', 'secret_state').execute();
    const mistake = await there.get('/operations/page/flows');
    expect(mistake.status).toBe(500);
    expect(mistake.text).not.toMatch(/secret|column|select| at /i);
    expect(formTokenIn(mistake.text)).not.toBe('');
    await broken.close();
    const away = await openApi({ databaseUrl: 'postgres://nobody@127.0.0.1:1/nothing' });
    const elsewhere = await loggedIn(away.url, TOKEN);
    const { status, headers, text } = await elsewhere.get('/operations/');
    expect([status, headers['retry-after']]).toEqual([503, '5']);
    expect(text).toContain('The database is away.');
    await away.close();
  });
});
