import { randomUUID } from 'node:crypto';

import type { Browser, Page } from 'playwright-core';

import { PARTNERS } from '../../src/partners';
import { messageSourcesOf } from '../../src/partners/message-sources';
import { createManyOperators, createOperators, createRunningCheck } from '../../src/operator/actions';
import { createBodyLimits } from '../../src/http/operations/body';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { IN_CLEAR } from '../../src/store/encryption';
import { createFlowLink } from '../../src/store/flows/list';
import { listen } from '../operations/harness';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, subjectOf } from '../workflows/harness';
import { launchChromium } from './chromium';

/** Due at once, and then a long wait on the first rung: the flows stay overdue while somebody looks at them. */
const policies = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    ladder: [{ alert: false, wait: 'PT6H' }],
    due: { 'tradevest:order': { PLACED: 'PT0.5S' } },
  },
  1,
);

describe('an operator with a browser that runs no script', () => {
  const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
  let harness: Harness;
  let browser: Browser;
  let page: Page;
  let server: Awaited<ReturnType<typeof listen>>;

  beforeAll(async () => {
    harness = await openHarness({ policies });
    await harness.startWorkers();
    harness.startDispatch();
    for (const id of [first, second, third]) {
      harness.objects.set(id, () => ({
        ...{ kind: 'object', status: 'PLACED', executions: [], quantityExecuted: null, reason: null },
      }));
      await harness.keep(id, 'PLACED');
    }
    await harness.keep(randomUUID(), 'UNKNOWN');
    const database = harness.database.kysely;
    server = await listen({
      partners: PARTNERS.names,
      messageSources: messageSourcesOf(PARTNERS),
      encryption: IN_CLEAR,
      referenceHashKey: null,
      subjectFile: () => Promise.resolve(null),
      evidence: () => Promise.resolve(null),
      ...{ database, judging: policies, flowLink: createFlowLink('http://ui.example', 'default') },
      tokens: new Map([['night-shift', 'a-token']]),
      notRunning: createRunningCheck(harness.client),
      wakeDispatcher: () => harness.wake(),
      registerExpectation: () => Promise.reject(new Error('not asked here')),
      operate: createOperators(harness.client, database),
      operateMany: createManyOperators(harness.client, database),
      bodies: createBodyLimits(),
      log: { info: () => undefined, error: () => undefined },
    });
    for (const id of [first, second, third])
      await eventually(async () => expect(await subjectOf(harness, id)).toMatchObject({ overdue: true }));
    browser = await launchChromium();
    const context = await browser.newContext({ javaScriptEnabled: false });
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
    await harness.close();
  });

  /** Loads the page again until it says so: a flow writes in its own time. */
  async function reads(expected: string | RegExp): Promise<void> {
    await eventually(async () => {
      await page.reload();
      expect((await page.innerText('main')).replace(/\s+/g, ' ')).toMatch(expected);
    });
  }

  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  test('is not let in with a wrong token, and is with the right one', async () => {
    await page.goto(`${server.url}/operations/`);
    await page.getByLabel('Your operations token').fill('a-guess');
    await press('Log in');
    expect(await page.getByRole('alert').innerText()).toBe('This token is not known.');
    await page.getByLabel('Your operations token').fill('a-token');
    await press('Log in');
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Overview');
  });

  test('finds the stuck flow, has it read, gives it more time, ends it, and stands there with each', async () => {
    await page.getByRole('link', { name: `tradevest:order:${first}`, exact: true }).click();
    const readsBefore = harness.reads.filter((id) => id === first).length;
    const refetch = page.getByRole('group', { name: 'Refetch' });
    await refetch.getByLabel('Why').fill('the partner says it is filled');
    await press('Refetch');
    expect(await page.getByRole('status').innerText()).toContain('Asked to read the object.');
    await eventually(() => expect(harness.reads.filter((id) => id === first).length).toBeGreaterThan(readsBefore));
    await reads(/night-shift refetch the partner says it is filled/);

    const extend = page.getByRole('group', { name: 'Extend' });
    await extend.getByLabel('How long').fill('4');
    await extend.getByLabel('Unit').selectOption('hours');
    await extend.getByLabel('Why').fill('promised for tonight');
    await press('Extend');
    await reads(/night-shift extend, seconds 14400 promised for tonight/);
    await eventually(async () => expect(await subjectOf(harness, first)).toMatchObject({ overdue: false }));

    await page.getByRole('group', { name: 'Resolve' }).getByLabel('Why').fill('settled by telephone');
    await press('Resolve');
    await reads(/night-shift resolve, result done settled by telephone/);
    await reads(/order, not open/);
    expect(await page.getByRole('group').count()).toBe(0);
  });

  test('ends many at once, after having seen which', async () => {
    await page.getByRole('link', { name: 'Flows', exact: true }).click();
    expect(await page.getByRole('checkbox').count()).toBe(2);
    for (const id of [second, third]) await page.getByLabel(`Ask tradevest:order:${id}`).check();
    await page.getByLabel('Ask of them').selectOption('Resolve');
    await page.getByRole('button', { name: 'The ticked ones' }).click();
    expect(await page.innerText('main')).toContain('This will be asked of 2 flows:');
    await page.getByLabel('How it ended').selectOption('failed: it will not happen');
    await page.getByLabel('Why').fill('the partner gave up');
    await press('Resolve 2 flows');
    expect(await page.getByRole('status').innerText()).toBe('2 of 2 flows did as asked.');
    for (const id of [second, third])
      await eventually(async () => expect(await subjectOf(harness, id)).toMatchObject({ open: false }));
    await page.getByRole('link', { name: 'What operators did' }).click();
    expect(await page.getByText('the partner gave up').count()).toBe(2);
  });

  test('gives a parked delivery to dispatch again, and sees that it was tried', async () => {
    await page.getByRole('link', { name: 'Parked deliveries' }).click();
    expect(await page.innerText('main')).toContain('status: expected a known one, found UNKNOWN');
    await page.getByRole('button', { name: /^Retry/ }).click();
    expect(await page.getByRole('status').innerText()).toBe('Given to dispatch again.');
    await reads(/Status parked .*Attempts 2 .*night-shift retry/);
  });

  test('leaves by logging out', async () => {
    await press('Log out');
    await page.goto(`${server.url}/operations/page/deeds`);
    expect(await page.getByLabel('Your operations token').count()).toBe(1);
  });
});
