import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const STORE = join(__dirname, '../../src/store');
const SOUGHT_IN_CONDITION = /\bIN \(\s*SELECT(?:(?!RETURNING|`)[\s\S])*?SKIP LOCKED/;

test('no statement seeks the rows that it locks in a condition, where the search may run once for each row', () => {
  const files = readdirSync(STORE, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const withLocks = files.filter((name) => readFileSync(join(STORE, name), 'utf8').includes('SKIP LOCKED'));
  expect(withLocks.length).toBeGreaterThan(10);
  expect(withLocks.filter((name) => SOUGHT_IN_CONDITION.test(readFileSync(join(STORE, name), 'utf8')))).toEqual([]);
});
