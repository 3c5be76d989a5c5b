import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';

import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import type { CorporateActionContent } from '../../src/domain/notification';
import { workflowIdOf } from '../../src/domain/subject-key';
import { createBodyLimits } from '../../src/http/operations/body';
import { createManyOperators, createOperators, createRunningCheck } from '../../src/operator/actions';
import { PARTNERS } from '../../src/partners';
import { messageSourcesOf } from '../../src/partners/message-sources';
import { IN_CLEAR } from '../../src/store/encryption';
import { createFlowLink } from '../../src/store/flows/list';
import { listen } from '../operations/harness';
import { eventually } from '../support/eventually';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { type Harness, openHarness } from '../workflows/harness';
import { launchChromium, pictures } from './chromium';

const policies = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    ladder: [{ alert: true, wait: 'PT6H' }],
    due: { 'bitpanda:corporate-action': { settle: 'PT1S', answer: 'P1D', obligation: 'P1D' } },
  },
  1,
);

type Leg = readonly [instrument: string, amount: string];

const COMPLETE: readonly Leg[] = [
  ['asset:1', '-10'],
  ['asset:1', '10'],
  ['asset:2', '5'],
];
const LOST = COMPLETE.slice(0, 2);
/** Whether it is too small a new share, or a lost one, nobody can say. */
const DOUBTFUL: readonly Leg[] = [
  ['asset:1', '-0.00000002'],
  ['asset:1', '0.00000002'],
];
const PAID: readonly Leg[] = [...COMPLETE, ['fiat:1', '2.5']];

describe('a spin-off of many holders', () => {
  const caId = randomUUID();
  const workflowId = workflowIdOf({ partner: 'bitpanda', object: 'corporate-action', id: caId });
  const users = (name: string, count: number): readonly string[] =>
    Array.from(
      { length: count },
      (_, index) => `${name}-${String(index).padStart(2, '0')}-${randomUUID().slice(0, 8)}`,
    );
  const broken = users('lost', 24);
  const holders: readonly (readonly [readonly string[], readonly Leg[]])[] = [
    [users('complete', 30), COMPLETE],
    [broken, LOST],
    [users('doubtful', 5), DOUBTFUL],
    [users('paid', 4), PAID],
  ];
  let temporal: RunningTemporal;
  let harness: Harness;
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    temporal = await startTemporal({ withUi: true });
    const connection = await connectionOf(temporal.address);
    await setUpOn(connection, 'default');
    await connection.close();
    harness = await openHarness({ address: temporal.address, partners: ['bitpanda'], policies });
    await harness.startWorkers();
    harness.startDispatch();
    for (const [some, legs] of holders)
      await Promise.all(
        some.map(async (userId) => {
          for (const leg of legs) await harness.tell(keyOf(userId), moves(userId, leg));
        }),
      );
    const database = harness.database.kysely;
    server = await listen({
      partners: PARTNERS.names,
      messageSources: messageSourcesOf(PARTNERS),
      referenceHashKey: null,
      subjectFile: () => Promise.resolve(null),
      encryption: IN_CLEAR,
      evidence: () => Promise.resolve(null),
      ...{ database, judging: policies, flowLink: createFlowLink(temporal.uiUrl ?? '', 'default') },
      tokens: new Map([['night-shift', 'a-token']]),
      notRunning: createRunningCheck(harness.client),
      wakeDispatcher: () => harness.wake(),
      registerExpectation: () => Promise.reject(new Error('not asked here')),
      operate: createOperators(harness.client, database),
      operateMany: createManyOperators(harness.client, database),
      bodies: createBodyLimits(),
      log: { info: () => undefined, error: () => undefined },
    });
    await eventually(async () => {
      const rows = await database.selectFrom('transaction_sets').select('verdict').execute();
      const count = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
      expect([count('complete'), count('break'), count('unverified')]).toEqual([34, 24, 5]);
    }, 60_000);
    browser = await launchChromium();
  }, 240_000);
  afterAll(async () => {
    await browser.close();
    await server.close();
    await harness.close();
    await temporal.stop();
  });

  function keyOf(userId: string) {
    return { partner: 'bitpanda', object: 'corporate-action', id: `${caId}:${userId}` } as const;
  }

  function moves(userId: string, [instrument, amount]: Leg): CorporateActionContent {
    const isObligation = instrument.startsWith('fiat:');
    const leg = isObligation ? 'fiat' : 'asset';
    const bare = { direction: null, assetGroup: 'stock', fee: null, value: null, alias: null };
    const booking = {
      ...{ transactionId: randomUUID(), userId, corporateActionId: caId, type: 'spin_off', mayGrow: false },
      creditedAt: '2026-03-02T09:00:00Z',
      legs: [{ ...bare, leg, instrument, amount, isObligation }],
    };
    return { lifecycle: 'corporateAction', event: 'TEST', booking };
  }

  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).click();
  const words = async (): Promise<string> => (await page.innerText('main')).replace(/\s+/g, ' ');
  const picture = (name: string) => page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });

  test('is one workflow in Temporal, whose details say how its sets stand, and name the worst twenty', async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 1400 } });
    await eventually(async () => {
      const ids = new Set<string>();
      for await (const run of harness.client.workflow.list()) ids.add(run.workflowId);
      expect([...ids].filter((id) => id.includes(caId))).toEqual([workflowId]);
    });
    const { runId } = await harness.client.workflow.getHandle(workflowId).describe();
    const text = await eventually(async () => {
      await page.goto(
        `${temporal.uiUrl ?? ''}/namespaces/default/workflows/${encodeURIComponent(workflowId)}/${runId}/user-metadata`,
      );
      return eventually(async () => {
        const texts = await Promise.all(page.frames().map((frame) => frame.innerText('body', { timeout: 5_000 })));
        const all = texts.join('\n');
        expect(all).toContain('complete: 34');
        return all;
      }, 15_000);
    }, 60_000);
    for (const line of ['sets: 63', 'unverified: 5', 'broken: 24: missing-leg 24', 'waiting for money: 4'])
      expect(text).toContain(line);
    expect(text).toContain(`partnerflow corporate-action ${caId}`);
    expect(broken.filter((userId) => text.includes(userId))).toHaveLength(20);
    await picture('temporal-corporate-action');
  });

  test('is listed by the page with its worst sets, and one break is resolved there', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 1100 } });
    page = await context.newPage();
    await page.goto(`${server.url}/operations/`);
    await page.getByLabel('Your operations token').fill('a-token');
    await press('Log in');
    await page.goto(`${server.url}/operations/page/corporate-action/${caId}`);
    expect(await words()).toMatch(
      /Holders 63 Complete 34 Unverified, not resolved 5 In break, not resolved 24: missing-leg 24 Waiting for money 4/,
    );
    await picture('page-corporate-action');
    const [first = ''] = broken;
    await page.getByRole('link', { name: first, exact: true }).first().click();
    await picture('page-set-in-break');
    await page.getByRole('group', { name: 'Resolve' }).getByLabel('Why').fill('the share came by letter');
    await press('Resolve');
    await eventually(async () => {
      await page.goto(`${server.url}/operations/page/corporate-action/${caId}`);
      expect(await words()).toContain('In break, not resolved 23: missing-leg 23');
    });
  });

  test('has many breaks resolved at once, after the operator has seen which', async () => {
    await page.goto(`${server.url}/operations/page/corporate-action/${caId}?limit=100`);
    for (const userId of broken.slice(1, 13)) await page.getByLabel(`Ask ${workflowId}:${userId}`).check();
    await page.getByLabel('Ask of them').selectOption('Resolve');
    await page.getByRole('button', { name: 'The ticked ones' }).click();
    expect(await words()).toContain('This will be asked of 12 flows:');
    await picture('page-many-sets-confirm');
    await page.getByLabel('Why').fill('all came by letter');
    await press('Resolve 12 flows');
    expect(await page.getByRole('status').innerText()).toBe('12 of 12 flows did as asked.');
    await picture('page-many-sets-done');
    await page.getByRole('link', { name: 'Back to the corporate action' }).click();
    expect(await words()).toContain('In break, not resolved 11: missing-leg 11');
    await page.goto(`${server.url}/operations/page/corporate-action/${caId}?limit=100`);
    expect(await page.getByText('all came by letter').count()).toBe(12);
    await picture('page-corporate-action-after');
    await page.getByRole('link', { name: 'Breaks', exact: true }).click();
    await picture('page-breaks');
  });
});
