import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PARTNERS } from '../../src/partners';

const ROOT = join(__dirname, '..', '..');

/** Where a partner may be named: its own folder, the list, and what stands for partners in development. */
const MAY_NAME = [
  ...PARTNERS.names.map((name) => join('src', 'partners', name)),
  join('src', 'partners', 'index.ts'),
  join('src', 'simulator'),
];

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1));
}

test('nobody names a partner outside its folder, neither in code nor in a comment', () => {
  const files = ['src', 'workflows', 'activities'].flatMap(filesUnder);
  expect(files.length).toBeGreaterThan(400);
  const names = new RegExp(PARTNERS.names.join('|'), 'i');
  const others = files.filter((file) => !MAY_NAME.some((place) => file === place || file.startsWith(`${place}/`)));
  expect(others.filter((file) => names.test(readFileSync(join(ROOT, file), 'utf8')))).toEqual([]);
});

test('a partner is named by its own folder alone, not by another partner’s', () => {
  const strange = PARTNERS.names.flatMap((name) => {
    const others = new RegExp(PARTNERS.names.filter((one) => one !== name).join('|'), 'i');
    const own = filesUnder(join('src', 'partners', name));
    return own.filter((file) => file.endsWith('.ts') && others.test(readFileSync(join(ROOT, file), 'utf8')));
  });
  expect(strange).toEqual([]);
});
