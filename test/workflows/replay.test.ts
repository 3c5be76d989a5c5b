import { join } from 'node:path';

import { quietRuntime } from '../../src/replay/quiet-runtime';
import { replayHistories } from '../../src/replay/replay-histories';
import { testServers } from '../support/servers';
import { bundleWith, type Edit, WRITES_BEFORE_READING } from './changed-bundle';
import { allHistories, historiesOf, releases, replayable, textOf } from './histories';

quietRuntime();

/** The histories of every release that do not replay on a bundle, `<release>/<name>` each, with the reason. */
async function brokenOn(bundlePath: string): Promise<ReadonlyMap<string, string>> {
  const broken = new Map<string, string>();
  let replayed = 0;
  for await (const { workflowId, reason } of replayHistories({ bundlePath }, replayable(allHistories()))) {
    replayed += 1;
    if (reason !== null) broken.set(workflowId, reason);
  }
  expect(replayed).toBe(allHistories().length);
  return broken;
}

async function brokenBy(edit: Edit): Promise<readonly string[]> {
  const bundle = await bundleWith(edit);
  try {
    return [...(await brokenOn(bundle.path)).keys()];
  } finally {
    bundle.remove();
  }
}

describe('recorded flows', () => {
  test.each(releases())('there are histories of every workflow type in release %s', (release) => {
    const names = historiesOf(release).map(({ name }) => name);
    const byType = (type: string): number => names.filter((name) => name.startsWith(`${type}.`)).length;
    const least = { order: 16, transfer: 5, onboarding: 8, document: 4, savingsPlan: 10, corporateAction: 11 };
    for (const [type, count] of Object.entries(least)) expect([type, byType(type) >= count]).toEqual([type, true]);
  });

  test('none of them says where it was recorded', () => {
    const telling = allHistories().filter((history) => textOf(history).includes('node_modules'));
    expect(telling).toEqual([]);
  });

  test('those of every release replay on the present code', async () => {
    expect(Object.fromEntries(await brokenOn(testServers().workflowBundlePath))).toEqual({});
  });

  test('a changed default of a due time breaks none of them: policy is input', async () => {
    const broken = await brokenBy({
      path: join('src', 'partners', 'tradevest', 'lifecycles', 'order.ts'),
      from: /businessDays: 1\b/g,
      to: 'businessDays: 9',
    });
    expect(broken).toEqual([]);
  });

  test('two swapped steps of the interpreter break those that read, by release and name', async () => {
    const broken = await brokenBy(WRITES_BEFORE_READING);
    expect(broken).toContain('0.1.0/order.filled-waits-for-settlement');
    expect(broken).toContain('0.1.0/order.settled-and-ended');
    expect(broken).not.toContain('0.1.0/order.placed-waits-for-fill');
    expect(broken).toContain('0.1.0/transfer.processed-and-ended');
    expect(broken).toContain('0.1.0/onboarding.approved-waits-for-those-named');
    expect(broken).toContain('0.1.0/document.labels-read-in-steps');
    expect(broken.filter((name) => name.includes('/savingsPlan.'))).toEqual([]);
  });

  test('a recurrence that is seen to before it is written breaks the plans that ask or confirm, and nothing else', async () => {
    const see =
      "  if (step.kind === 'handle recurrence') return handleRecurrence(state, flow.input.key, step.recurrence);\n";
    const write = '  if (hasUnwritten(state)) return writeRow(flow);\n';
    const broken = await brokenBy({
      path: join('workflows', 'interpreter.ts'),
      from: write + see,
      to: see + write,
    });
    expect(broken).toContain('0.1.0/savingsPlan.asked');
    expect(broken).toContain('0.1.0/savingsPlan.confirmed-waits-for-end');
    expect(broken).not.toContain('0.1.0/savingsPlan.too-late');
    expect(broken.filter((name) => !name.includes('/savingsPlan.'))).toEqual([]);
  });
});
