import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { COINIFY_SECRET, coinifyWebhook, TRADEVEST_KEY, tradevestWebhook } from '../faults/partner-stub';
import { eventually } from '../support/eventually';
import { partnerflow } from '../support/partnerflow';
import {
  forged,
  IN_CLEAR,
  ofAllPartners,
  openRefusing,
  type Refusing,
  report,
  RIGHT,
  SEALED,
  signer,
  type Variables,
  WRONG,
} from './refusing';

jest.setTimeout(120_000);

let refusing: Refusing;
beforeEach(async () => {
  refusing = await openRefusing();
});
afterEach(() => refusing.close());

function resultsOf(out: string): readonly string[] {
  const { items }: { items: readonly Record<string, string | null>[] } = JSON.parse(out);
  return items.map(
    ({ partner, result, why }) => `${String(partner)} ${String(result)}${why === null ? '' : `: ${why}`}`,
  );
}

async function raws(): Promise<number> {
  const rows = await refusing.database.kysely
    .selectFrom('rejections')
    .selectAll()
    .where('raw', 'is not', null)
    .execute();
  return rows.length;
}

const STILL_REFUSED = [
  'tradevest refused: header-wrong',
  'coinify refused: signature-wrong',
  'bitpanda refused: content-digest',
];

describe('webhooks that a wrong key of ours refused', () => {
  it.each<[string, Variables]>([
    ['in clear', IN_CLEAR],
    ['sealed', SEALED],
  ])('kept %s: come in once each with the right key, and what was forged stays out', async (_how, bodyKeys) => {
    const wrong = await refusing.restart({ ...WRONG, ...bodyKeys });
    const authentic = ofAllPartners(wrong);
    await refusing.refused(wrong, [...authentic, ...forged(wrong)]);
    const refusedAt = await refusing.database.kysely
      .selectFrom('rejections')
      .select('at')
      .orderBy('position')
      .execute();
    const right = { ...RIGHT, ...bodyKeys };
    const receiver = await refusing.restart(right);

    const tried = await refusing.retry(right, '--dry-run', '--json');
    expect(resultsOf(tried.out)).toEqual([
      ...['tradevest', 'coinify', 'bitpanda'].map((partner) => `${partner} would-be-kept`),
      ...STILL_REFUSED,
    ]);
    expect(await refusing.deliveries()).toEqual([]);
    expect(await raws()).toBe(6);

    const ran = await refusing.retry(right);
    expect([ran.code, ran.err]).toEqual([1, '']);
    expect(ran.out.match(/ {2}kept as delivery [0-9a-f-]{36}\n/g)).toHaveLength(3);
    expect(ran.out).toContain('  still not authentic: header-wrong\n');
    expect(ran.out).toContain('\n3 kept, 3 still not authentic, 0 left untouched.\n');
    await eventually(async () =>
      expect((await refusing.deliveries()).map(({ partner, status }) => [partner, status])).toEqual([
        ['tradevest', 'delivered'],
        ['coinify', 'delivered'],
        ['bitpanda', 'delivered'],
      ]),
    );
    const kept = await refusing.deliveries();
    expect(kept.map(({ received_at }) => received_at)).toEqual(refusedAt.slice(0, 3).map(({ at }) => at));
    for (const [index, { id }] of kept.entries()) {
      expect(ran.out).toContain(id);
      const { body } = await receiver.get(`/operations/deliveries/${id}`);
      expect(Buffer.from(String(body.bodyBase64), 'base64').toString()).toBe(authentic[index]?.body);
      const evidence = await receiver.get(`/operations/deliveries/${id}/evidence`);
      expect(evidence.body).toMatchObject({
        result: 'verified',
        verdict: { then: 'authentic', now: 'authentic' },
        deeds: [{ by: userInfo().username, action: 'rejected-retry' }],
      });
    }

    const again = await refusing.retry(right, '--json');
    expect(again.code).toBe(1);
    expect(resultsOf(again.out)).toEqual(STILL_REFUSED);
    expect((await receiver.get('/operations/balance')).body).toMatchObject({
      received: 3,
      delivered: 3,
      rejected: 6,
      balanced: true,
    });
  });

  it('come in once each where two operators retry at once, page after page', async () => {
    const wrong = await refusing.restart({ ...WRONG, ...SEALED });
    const webhooks = Array.from({ length: 60 }, () => coinifyWebhook(randomUUID(), 'created'));
    await refusing.refused(wrong, webhooks);
    const right = { ...RIGHT, ...SEALED };
    const runs = await Promise.all([refusing.retry(right, '--json'), refusing.retry(right, '--json')]);
    expect(runs.map(({ code, err }) => [code, err])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    const results = runs.flatMap(({ out }) => resultsOf(out));
    expect(results.filter((result) => result === 'coinify kept')).toHaveLength(60);
    expect(results.every((result) => /^coinify kept(-already)?$/.test(result))).toBe(true);
    const receiver = await refusing.restart(right);
    expect((await receiver.get('/operations/balance')).body).toMatchObject({ received: 60, rejected: 60 });
    const deeds = await refusing.database.kysely.selectFrom('operator_actions').select('target').execute();
    expect(new Set(deeds.map(({ target }) => target))).toEqual(
      new Set((await refusing.deliveries()).map(({ id }) => id)),
    );
    expect(deeds).toHaveLength(60);
    const nothing = await refusing.retry(right);
    expect([nothing.code, nothing.out]).toEqual([0, 'Nothing to retry: of no refused request the raw is kept.\n']);
  });

  it('that were sealed by a key that is not configured stay as they are, in one sentence, and the others come in', async () => {
    const inClear = await refusing.restart({ ...WRONG, ...IN_CLEAR });
    await refusing.refused(inClear, [tradevestWebhook(randomUUID(), 'PLACED')]);
    const sealed = await refusing.restart({ ...WRONG, ...SEALED });
    await refusing.refused(sealed, [tradevestWebhook(randomUUID(), 'PLACED'), coinifyWebhook(randomUUID(), 'created')]);
    const without = await refusing.retry({ ...RIGHT, ...IN_CLEAR });
    expect(without.code).toBe(2);
    expect(without.err).toMatch(
      /^The kept raw of refused request [0-9a-f-]{36} cannot be decrypted: encrypted with the key "first", which is not configured\. See BODY_ENCRYPTION_KEYS\. 2 refused requests were left untouched\.\n$/,
    );
    expect(without.out).toContain('\n1 kept, 0 still not authentic, 2 left untouched.\n');
    const withKey = await refusing.retry({ ...RIGHT, ...SEALED }, '--json');
    expect([withKey.code, resultsOf(withKey.out)]).toEqual([0, ['tradevest kept', 'coinify kept']]);
    expect(await refusing.deliveries()).toHaveLength(3);
  });

  it('of a partner that is not configured stay as they are', async () => {
    const wrong = await refusing.restart({ ...WRONG, ...IN_CLEAR });
    await refusing.refused(wrong, ofAllPartners(wrong));
    const ran = await refusing.retry(IN_CLEAR, '--json');
    expect(ran.code).toBe(1);
    expect(resultsOf(ran.out)).toEqual(
      ['tradevest', 'coinify', 'bitpanda'].map((partner) => `${partner} refused: partner-not-configured`),
    );
    expect(await raws()).toBe(3);
  });
});

describe('beside a running dev', () => {
  it('the keys are those of its simulated partners', async () => {
    const wrong = await refusing.restart({ ...WRONG, ...IN_CLEAR });
    await refusing.refused(wrong, ofAllPartners(wrong));
    const folder = mkdtempSync(join(tmpdir(), 'partnerflow-rejected-'));
    mkdirSync(join(folder, '.partnerflow'));
    const { keyid, privateKeyPem } = signer;
    const content = {
      ...{ databaseUrl: refusing.url, temporalAddress: '127.0.0.1:1', temporalUiUrl: null },
      tradevest: { headers: { 'api-key': TRADEVEST_KEY } },
      coinify: { secret: COINIFY_SECRET },
      bitpanda: { keyid, privateKeyPem },
    };
    writeFileSync(join(folder, '.partnerflow', 'dev.json'), JSON.stringify(content));
    const ran = await partnerflow(['rejected', 'retry', '--json'], {}, folder);
    rmSync(folder, { recursive: true });
    expect([ran.code, resultsOf(ran.out)]).toEqual([0, ['tradevest kept', 'coinify kept', 'bitpanda kept']]);
  });
});

describe('what each partner proves', () => {
  it('Tradevest: all configured values, once each; no digest of a credential is kept with the delivery', async () => {
    const headersOf = (...accepted: readonly string[]) => ({
      TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': accepted, 'x-second': ['second-key'] }),
    });
    const wrong = await refusing.restart({ ...IN_CLEAR, ...headersOf('key-mistyped') });
    const order = () => tradevestWebhook(randomUUID(), 'PLACED');
    const both = { 'api-key': TRADEVEST_KEY, 'x-second': 'second-key' };
    const posing = `hmac-sha256:${'0'.repeat(32)}:${'0'.repeat(64)}`;
    await refusing.refused(wrong, [
      { ...order(), headers: { ...both, constructor: posing, authorization: 'Basic secret' } },
      order(),
      { ...order(), headers: { ...both, 'x-second': posing } },
    ]);
    const right = headersOf('newer-key', TRADEVEST_KEY);
    const ran = await refusing.retry({ ...IN_CLEAR, ...right }, '--json');
    expect(resultsOf(ran.out)).toEqual([
      'tradevest kept',
      'tradevest refused: header-missing',
      'tradevest refused: header-wrong',
    ]);
    const [{ headers } = { headers: null }] = await refusing.deliveries();
    const text = JSON.stringify(headers);
    for (const name of ['api-key', 'x-second', 'authorization']) expect(text).toContain(`["${name}","[redacted]"]`);
    expect(text).not.toMatch(/hmac-sha256|secret/);
  });

  it('Tradevest: a header that became the credential only later was never kept, and proves nothing', async () => {
    const wrong = await refusing.restart({ ...WRONG, ...IN_CLEAR });
    const webhook = tradevestWebhook(randomUUID(), 'PLACED');
    await refusing.refused(wrong, [{ ...webhook, headers: { ...webhook.headers, authorization: 'Basic x' } }]);
    const later = { TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ authorization: ['Basic x', '[redacted]'] }) };
    const ran = await refusing.retry({ ...IN_CLEAR, ...later }, '--json');
    expect([ran.code, resultsOf(ran.out)]).toEqual([1, ['tradevest refused: credential-not-kept']]);
  });

  it('Tradevest: a body that was changed in the database does not come in with the credential of another', async () => {
    const wrong = await refusing.restart({ ...WRONG, ...IN_CLEAR });
    await refusing.refused(wrong, [tradevestWebhook(randomUUID(), 'PLACED')]);
    await refusing.database.pool.query(
      `UPDATE rejections SET raw = jsonb_set(raw, '{bodyBase64}', to_jsonb(encode('{}', 'base64')))`,
    );
    const ran = await refusing.retry({ ...RIGHT, ...IN_CLEAR });
    expect(ran.code).toBe(1);
    expect(ran.err).toBe(
      'The stored body is not the one that was refused: altered. 1 refused request was left untouched.\n',
    );
    expect(await refusing.deliveries()).toEqual([]);
  });

  it('Bitpanda: the signature is judged at the time of reception, not at that of the retry', async () => {
    const wrong = await refusing.restart({ ...WRONG, ...IN_CLEAR });
    const origin = wrong.receiver.url;
    const longAgo = Math.floor(Date.now() / 1000) - 3 * 365 * 86_400;
    await refusing.refused(wrong, [
      report(origin, longAgo),
      report(origin, longAgo - 86_400),
      report(origin, longAgo + 60),
    ]);
    await refusing.database.kysely
      .updateTable('rejections')
      .set({ at: new Date((longAgo + 2) * 1000) })
      .execute();
    const ran = await refusing.retry({ ...RIGHT, ...IN_CLEAR });
    expect(ran.out.match(/^ {2}.*$/gm)).toEqual([
      expect.stringMatching(/^ {2}kept as delivery [0-9a-f-]{36}$/),
      expect.stringMatching(/^ {2}kept as delivery [0-9a-f-]{36}, with a signature too old to act on$/),
      '  still not authentic: signature-time',
    ]);
    const receiver = await refusing.restart({ ...RIGHT, ...IN_CLEAR });
    await eventually(async () =>
      expect((await refusing.deliveries()).map(({ status }) => status)).toEqual(['delivered', 'parked']),
    );
    expect((await receiver.get('/operations/balance')).body).toMatchObject({ received: 2, parked: 1, balanced: true });
  });

  it('Bitpanda: a public URL that was set wrongly refuses too, and is set right the same way', async () => {
    const publicUrl = { RECEIVER_PUBLIC_URL: 'https://hooks.example.com' };
    const mistyped = { RECEIVER_PUBLIC_URL: 'https://hook.example.com' };
    const wrong = await refusing.restart({ ...RIGHT, ...IN_CLEAR, ...mistyped });
    await refusing.refused(wrong, [report('https://hooks.example.com')]);
    const right = { ...RIGHT, ...IN_CLEAR, ...publicUrl };
    const ran = await refusing.retry(right, '--json');
    expect([ran.code, resultsOf(ran.out)]).toEqual([0, ['bitpanda kept']]);
    const receiver = await refusing.restart(right);
    const [{ id } = { id: '' }] = await refusing.deliveries();
    const { body } = await receiver.get(`/operations/deliveries/${id}/evidence`);
    expect(body).toMatchObject({ result: 'verified' });
  });
});
