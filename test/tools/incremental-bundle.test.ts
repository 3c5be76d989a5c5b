import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { bringUpToDate, modulesBehind } from '../../src/tools/incremental-bundle';

const folder = mkdtempSync(join(tmpdir(), 'partnerflow-incremental-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const packagesPath = join(folder, 'packages.json');
const path = join(folder, 'bundle.js');
const index = join(folder, 'workflows', 'index.js');
const tables = join(folder, 'partners', 'one', 'lifecycles.js');
const entries: string[] = [];

function build(): Promise<'made' | 'kept'> {
  const make = () =>
    Promise.resolve(
      modulesBehind(entries)
        .map((one) => readFileSync(one, 'utf8'))
        .join('\n'),
    );
  return bringUpToDate({ path, entries, packagesPath, make });
}

beforeEach(async () => {
  write('packages.json', '{"temporal": "1.24.0"}');
  write('workflows/index.js', 'const policy_1 = require("../domain/policy"); require("@temporalio/workflow");');
  write('domain/policy.js', 'exports.due = require("./due.json");');
  write('domain/due.json', '{"hours": 1}');
  write('partners/one/lifecycles.js', 'exports.owed = [];');
  write('partners/two/lifecycles.js', 'exports.owed = [];');
  write('http/server.js', 'exports.port = 8080;');
  entries.splice(0, entries.length, index, tables);
  await build();
  expect(await build()).toBe('kept');
});

test.each([
  ['a workflow', 'workflows/index.js', 'require("../domain/policy"); exports.order = 2;'],
  ['what a workflow requires through another module', 'domain/due.json', '{"hours": 2}'],
  ['a partner’s table', 'partners/one/lifecycles.js', 'exports.owed = ["FILLED"];'],
  ['an installed package', 'packages.json', '{"temporal": "1.25.0"}'],
  ['the bundle itself', 'bundle.js', 'half a bun'],
])('the bundle is made again when %s has changed', async (_, name, text) => {
  write(name, text);
  expect(await build()).toBe('made');
  expect(readFileSync(path, 'utf8')).toBe(
    modulesBehind(entries)
      .map((one) => readFileSync(one, 'utf8'))
      .join('\n'),
  );
  expect(await build()).toBe('kept');
});

test('the bundle is made again when a partner joins the list', async () => {
  entries.push(join(folder, 'partners', 'two', 'lifecycles.js'));
  expect(await build()).toBe('made');
});

test('a change outside what the bundle requires leaves it as it is', async () => {
  write('http/server.js', 'exports.port = 9090;');
  expect(await build()).toBe('kept');
});

test('the bundle is made each time where nobody can say which packages are installed', async () => {
  rmSync(packagesPath);
  expect([await build(), await build()]).toEqual(['made', 'made']);
});

test('a build that fails is not taken for done', async () => {
  write('domain/due.json', '{"hours": 3}');
  const make = () => Promise.reject(new Error('no memory'));
  await expect(bringUpToDate({ path, entries, packagesPath, make })).rejects.toThrow('no memory');
  expect(await build()).toBe('made');
});
