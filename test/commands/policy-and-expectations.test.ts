import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { openSystem, type System } from '../faults/system';
import { eventually } from '../support/eventually';
import { partnerflow, type Ran } from '../support/partnerflow';
import { testServers } from '../support/servers';

jest.setTimeout(90_000);

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-commands-'));
let system: System;

beforeAll(async () => {
  system = await openSystem();
  system.work();
});
afterAll(async () => {
  await system.close();
  rmSync(folder, { recursive: true });
});

function run(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const variables = {
    DATABASE_URL: system.databaseUrl,
    TEMPORAL_ADDRESS: testServers().temporalAddress,
    TEMPORAL_TASK_QUEUE: system.taskQueue,
    ...environment,
  };
  return partnerflow(words, variables, folder);
}

function csv(lines: readonly string[]): string {
  const path = join(folder, `${randomUUID()}.csv`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

async function openFlows(): Promise<number> {
  const rows = await system.database.kysely
    .selectFrom('subjects')
    .select('workflow_id')
    .where('open', '=', true)
    .execute();
  return rows.length;
}

test('a file of expectations is registered as a whole, and again without harm', async () => {
  const lines = Array.from({ length: 200 }, () => `tradevest,order,${randomUUID()},3600`);
  const path = csv(['partner,object,id,dueWithinSeconds', ...lines]);
  expect(await run(['expect', '--file', path])).toMatchObject({
    code: 0,
    out: '200 registered, 0 known already, of 200.\n',
  });
  expect(await run(['expect', '--file', path])).toMatchObject({
    code: 0,
    out: '0 registered, 200 known already, of 200.\n',
  });
  expect(await openFlows()).toBe(200);
});

test('a file with bad lines names each by its number, and registers nothing', async () => {
  const before = await openFlows();
  const path = csv([
    'partner,object,id',
    `tradevest,order,${randomUUID()}`,
    'tradevest,ordre,1',
    'nobody,order,1',
    'coinify,trade,',
    'coinify,trade,1,2,3',
  ]);
  const { code, err, out } = await run(['expect', '--file', path]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  for (const words of ['line 3: object', 'line 4: partner', 'line 5: id', 'line 6']) expect(err).toContain(words);
  expect(await openFlows()).toBe(before);
});

test('a file says of each line what is expected, and a line alone says the same', async () => {
  const [order, reference] = [randomUUID(), randomUUID()];
  const path = csv([
    'partner,object,id,kind,validUntil,amount,currency,reference,userId',
    `tradevest,order,${order},created,2099-12-31T00:00:00Z,,,our-1,user-1`,
    `bitpanda,,,deposit,,100.50,EUR,${reference},`,
  ]);
  const registered = { code: 0, out: '2 registered, 0 known already, of 2.\n' };
  expect(await run(['expect', '--file', path])).toMatchObject(registered);
  const payment = ['expect', 'bitpanda', '--kind', 'deposit', '--reference', reference, '--currency', 'EUR'];
  expect(await run([...payment, '--amount', '100.5'])).toMatchObject({
    code: 0,
    out: `bitpanda:deposit:${reference} is known already.\n`,
  });
  expect(await run([...payment, '--amount', '99'])).toMatchObject({ code: 1, err: expect.stringContaining('amount') });
  const canceled = await run(['expect', 'tradevest', 'order', order, '--kind', 'canceled', '--json']);
  expect(JSON.parse(canceled.out)).toEqual({ workflowId: `tradevest:order:${order}` });
});

test('lines of a file that say what cannot be are named with the field', async () => {
  const path = csv([
    'partner,object,id,kind,validUntil,amount,currency',
    'tradevest,order,1,stopped,,,',
    'tradevest,search,1,canceled,,,',
    'bitpanda,deposit,1,deposit,,,EUR',
    'tradevest,order,1,,tomorrow,,',
  ]);
  const { code, err } = await run(['expect', '--file', path]);
  expect(code).toBe(2);
  for (const words of ['line 2: kind', 'line 3: kind', 'line 4: amount', 'line 5: validUntil'])
    expect(err).toContain(words);
  for (const given of ['found stopped', 'found tomorrow']) expect(err).toContain(given);
});

test('the policy in force is printed without any server, with the file and the scale in it', async () => {
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, JSON.stringify({ due: { 'tradevest:order': { RECEIVED: 'PT2H' } } }));
  const { code, out } = await run(['policy', '--json'], {
    DATABASE_URL: '',
    POLICY_FILE: policy,
    DEADLINE_SCALE: '0.5',
  });
  expect(code).toBe(0);
  expect(JSON.parse(out).subjects['tradevest:order'].dueByState.RECEIVED).toEqual({ ms: 3_600_000 });
  expect((await run(['policy'], { DATABASE_URL: '' })).out).toMatch(/bitpanda:savings-plan +first +35 d/);
});

test('what is wrong with the policy file is named beside every other bad variable', async () => {
  const policy = join(folder, 'bad-policy.json');
  writeFileSync(policy, JSON.stringify({ thenEvery: 'soon' }));
  const bad = { DEADLINE_SCALE: 'x', POLICY_FILE: policy };
  for (const words of [['policy'], ['receive'], ['overdue']]) {
    const { code, err } = await run(words, { ...bad, RECEIVER_PORT: 'abc' });
    expect([words, code]).toEqual([words, 2]);
    expect(err).toContain('DEADLINE_SCALE: expected a number');
    expect(err).toContain('POLICY_FILE: expected an ISO 8601 duration such as PT4H at thenEvery, found');
    expect(err.includes('RECEIVER_PORT')).toBe(words[0] !== 'policy');
  }
});

test('policy apply gives running flows the policy in force: their present wait is counted anew', async () => {
  const id = randomUUID();
  const workflowId = `tradevest:order:${id}`;
  await run(['expect', 'tradevest', 'order', id]);
  system.partners.states.set(id, 'PLACED');
  const handle = system.client.workflow.getHandle(workflowId);
  await handle.executeUpdate('refetch', { args: [{ by: 'test', reason: 'a state to wait in' }] });
  const due = async (): Promise<number> => {
    const { state, dueAt }: { state: string | null; dueAt: string } = await handle.query('status');
    if (state !== 'PLACED') throw new Error('not read yet');
    return Date.parse(dueAt);
  };
  const before = await eventually(due);
  const policy = join(folder, 'longer.json');
  writeFileSync(policy, JSON.stringify({ due: { 'tradevest:order': { PLACED: 'P30D' } } }));
  const filter = `WorkflowId = "${workflowId}"`;
  const dry = await run(['policy', 'apply', '--filter', filter, '--dry-run'], { POLICY_FILE: policy });
  expect(dry).toMatchObject({ code: 0, out: `${workflowId}\n` });
  const applied = await run(['policy', 'apply', '--filter', filter], { POLICY_FILE: policy });
  expect(applied).toMatchObject({ code: 0, out: '1 flow has the policy in force; 0 ended meanwhile, 0 failed.\n' });
  expect(await due()).toBeGreaterThan(before + 20 * 86_400_000);
  expect(await run(['policy', 'apply', '--filter', 'nonsense ('])).toMatchObject({ code: 2 });
});
