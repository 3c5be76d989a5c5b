import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';

import { testServers } from '../support/servers';

Runtime.install({ logger: new DefaultLogger('ERROR') });

const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'test', 'histories');
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

async function replay(codePath: string, file: string): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: { codePath } }, JSON.parse(readFileSync(join(FOLDER, file), 'utf8')));
}

/** Replays every history against a copy of the workflow code in which one text was replaced; names those that break. */
async function brokenBy(path: string, from: string | RegExp, to: string): Promise<readonly string[]> {
  // Inside the project, so that packages are found; not below node_modules, where the bundler compiles nothing.
  mkdirSync(join(ROOT, '.partnerflow'), { recursive: true });
  const copy = mkdtempSync(join(ROOT, '.partnerflow', 'replay-'));
  try {
    cpSync(join(ROOT, 'workflows'), join(copy, 'workflows'), { recursive: true });
    cpSync(join(ROOT, 'src', 'domain'), join(copy, 'src', 'domain'), { recursive: true });
    const file = join(copy, path);
    const before = readFileSync(file, 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    writeFileSync(file, after);
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(copy, 'workflows', 'index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    const bundle = join(copy, 'bundle.js');
    writeFileSync(bundle, code);
    const broken: string[] = [];
    for (const history of files) await replay(bundle, history).catch(() => broken.push(history));
    return broken;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

describe('recorded flows', () => {
  test('there are histories of every workflow type', () => {
    const byType = (type: string): number => files.filter((file) => file.startsWith(`${type}.`)).length;
    const least = { order: 16, transfer: 5, onboarding: 8, document: 4, savingsPlan: 10, corporateAction: 11 };
    for (const [type, count] of Object.entries(least)) expect([type, byType(type) >= count]).toEqual([type, true]);
  });

  test('none of them says where it was recorded', () => {
    const telling = files.filter((file) => readFileSync(join(FOLDER, file), 'utf8').includes('node_modules'));
    expect(telling).toEqual([]);
  });

  test.each(files)('%s replays on the present code', async (file) => {
    await expect(replay(testServers().workflowBundlePath, file)).resolves.toBeUndefined();
  });

  test('a changed default of a due time breaks none of them: policy is input', async () => {
    const broken = await brokenBy(
      join('src', 'domain', 'lifecycles', 'tradevest-order.ts'),
      /businessDays: 1\b/g,
      'businessDays: 9',
    );
    expect(broken).toEqual([]);
  });

  test('two swapped steps of the interpreter break those that read, by name', async () => {
    const step = "  if (step.kind === 'read') return look(flow, step.purpose);\n";
    const write = '  if (hasUnwritten(memory)) return writeRow(flow);\n';
    const broken = await brokenBy(join('workflows', 'interpreter.ts'), step + write, write + step);
    expect(broken).toContain('order.filled-waits-for-settlement.json');
    expect(broken).toContain('order.settled-and-ended.json');
    expect(broken).not.toContain('order.placed-waits-for-fill.json');
    expect(broken).toContain('transfer.processed-and-ended.json');
    expect(broken).toContain('onboarding.approved-waits-for-those-named.json');
    expect(broken).toContain('document.labels-read-in-steps.json');
    expect(broken.filter((file) => file.startsWith('savingsPlan.'))).toEqual([]);
  });

  test('a recurrence that is seen to before it is written breaks the plans that ask or confirm, and nothing else', async () => {
    const see = "  if (step.kind === 'see to') return seeTo(memory, flow.input.key, step.recurrence, now);\n";
    const write = '  if (hasUnwritten(memory)) return writeRow(flow);\n';
    const broken = await brokenBy(join('workflows', 'interpreter.ts'), write + see, see + write);
    expect(broken).toContain('savingsPlan.asked.json');
    expect(broken).toContain('savingsPlan.confirmed-waits-for-end.json');
    expect(broken).not.toContain('savingsPlan.too-late.json');
    expect(broken.filter((file) => !file.startsWith('savingsPlan.'))).toEqual([]);
  });
});
