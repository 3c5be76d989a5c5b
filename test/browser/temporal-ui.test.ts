import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

import type { Browser, Page } from 'playwright-core';

import { type RunningTemporal, startTemporal } from '../../src/development/temporal';
import { createPolicies, DEFAULT_POLICY_SETTINGS } from '../../src/config/policy';
import { extendUpdate, OUR_UPDATES } from '../../workflows/contract';
import { connectionOf, setUpOn } from '../support/set-up-temporal';
import { eventually } from '../support/eventually';
import { type Harness, openHarness, subjectOf } from '../workflows/harness';
import { launchChromium, pictures } from './chromium';

/** Due at once, and then a long wait on the first rung: the flow stays overdue while somebody looks at it. */
const policies = createPolicies(
  {
    ...DEFAULT_POLICY_SETTINGS,
    ladder: [{ alert: false, wait: 'PT6H' }],
    due: { 'tradevest:order': { PLACED: 'PT0.5S' } },
  },
  1,
);

describe('a stuck order in the Temporal Web UI', () => {
  const id = randomUUID();
  const other = randomUUID();
  const reason = 'the partner says [tomorrow](https://partner.example)';
  let temporal: RunningTemporal;
  let harness: Harness;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    temporal = await startTemporal({ withUi: true });
    const connection = await connectionOf(temporal.address);
    await setUpOn(connection, 'default');
    await connection.close();
    harness = await openHarness({ address: temporal.address, policies });
    await harness.startWorkers();
    harness.startDispatch();
    harness.objects.set(id, () => ({
      kind: 'object',
      status: 'PLACED',
      executions: [],
      quantityExecuted: null,
      reason: null,
    }));
    await harness.keep(id, 'PLACED');
    await harness.keep(other, 'RECEIVED');
    await eventually(async () =>
      expect(await subjectOf(harness, id)).toMatchObject({ overdue: true, finding: 'slow' }),
    );
    // Given a second more by an operator, and overdue again.
    const handle = harness.client.workflow.getHandle(`tradevest:order:${id}`);
    const updateId = `${OUR_UPDATES}${randomUUID()}`;
    await handle.executeUpdate(extendUpdate, { updateId, args: [{ by: 'alice', reason, seconds: 1 }] });
    await eventually(async () =>
      expect(await subjectOf(harness, id)).toMatchObject({ overdue: true, finding: 'slow' }),
    );
    browser = await launchChromium();
    page = await browser.newPage({ viewport: { width: 1280, height: 1120 } });
  });
  afterAll(async () => {
    await browser.close();
    await harness.close();
    await temporal.stop();
  });

  async function open(path: string, expected: string): Promise<string> {
    await page.goto(`${temporal.uiUrl ?? ''}${path}`);
    // What a person sees, also in the frames in which the UI shows markdown.
    return eventually(async () => {
      const texts = await Promise.all(page.frames().map((frame) => frame.innerText('body', { timeout: 5_000 })));
      const text = texts.join('\n');
      expect(text).toContain(expected);
      return text;
    }, 30_000);
  }

  test('the list filtered by Overdue = true shows it, and not the one that is in time', async () => {
    const found = await eventually(async () => {
      const ids: string[] = [];
      for await (const { workflowId } of harness.client.workflow.list({ query: 'Overdue = true' }))
        ids.push(workflowId);
      expect(ids).toEqual([`tradevest:order:${id}`]);
      return ids;
    });
    expect(found).toHaveLength(1);
    const text = await open(`/namespaces/default/workflows?query=${encodeURIComponent('Overdue = true')}`, id);
    expect(text).not.toContain(other);
    await page.screenshot({ path: join(pictures, 'temporal-overdue-list.png') });
  });

  test('its details say what is owed, since when, and what was found', async () => {
    const { runId } = await harness.client.workflow.getHandle(`tradevest:order:${id}`).describe();
    const workflow = encodeURIComponent(`tradevest:order:${id}`);
    const text = await open(`/namespaces/default/workflows/${workflow}/${runId}/user-metadata`, 'state: PLACED');
    expect(text).toContain(`Tradevest order ${id}`);
    expect(text).toMatch(/owed: PARTIALLY_FILLED or FILLED or CANCELED or REJECTED or EXPIRED/);
    expect(text).toMatch(/since: \d{4}-\d\d-\d\dT/);
    expect(text).toContain('overdue: yes, finding slow; what to do: docs/runbook.md, slow');
    expect(text).toContain(`partnerflow flow tradevest:order:${id}`);
    await page.screenshot({ path: join(pictures, 'temporal-stuck-order.png') });
  });

  test('its details say which operator did what and why, and a link in a reason cannot hide where it leads', async () => {
    // The UI makes its frames anew when it refreshes.
    await eventually(async () => {
      const texts = await Promise.all(page.frames().map((frame) => frame.innerText('body', { timeout: 5_000 })));
      expect(texts.join('\n')).toContain(`alice gave 1 s more: ${reason}`);
    });
  });

  test('its history names the timer and the activities in words', async () => {
    const workflow = encodeURIComponent(`tradevest:order:${id}`);
    const text = await open(`/namespaces/default/workflows/${workflow}`, 'read the Tradevest order (overdue)');
    expect(text).toContain('write what is known');
    expect(text).toContain('look again: PARTIALLY_FILLED or FILLED or CANCELED or REJECTED or EXPIRED overdue');
    // Above it stands the input, which no operator reads.
    await page.mouse.move(900, 700);
    await page.mouse.wheel(0, 360);
    await page.screenshot({ path: join(pictures, 'temporal-timeline.png') });
  });
});
