import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { DueSetting } from '../../src/domain/lifecycles/table';
import { KNOWN_PARTNERS, lifecycleTables, MODULES } from '../support/partners';

function inWords(due: DueSetting): string {
  if (typeof due === 'string') return due;
  return `${due.businessDays} business day${due.businessDays === 1 ? '' : 's'}`;
}

function holdsWord(text: string, word: string): boolean {
  // A status of several words has no borders to look for.
  return word.includes(' ') ? text.includes(word) : text.split(/[^A-Za-z_-]+/).includes(word);
}

describe.each(KNOWN_PARTNERS)('the MAPPING.md of %s', (partner) => {
  const text = () => readFileSync(join('src', 'partners', partner, 'MAPPING.md'), 'utf8');
  /** The table rows about an object: those whose first cell is its name. */
  const rowsOf = (object: string) =>
    text()
      .split('\n')
      .filter((line) => new RegExp(`^\\| *\`${object}\` `).test(line))
      .join('\n');

  test('has a row for every event that is understood', () => {
    const mapping = text();
    expect(
      MODULES[partner].events.map(({ event }) => event).filter((event) => !mapping.includes(`| \`${event}\` `)),
    ).toEqual([]);
  });

  test('names each of the partner’s printed webhooks', () => {
    const mapping = text();
    const files = readdirSync(join('test', 'fixtures', partner));
    expect(files.filter((file) => !mapping.includes(`\`${file}\``))).toEqual([]);
  });

  test('names in each object’s row every status it may have, and by when what follows is due', () => {
    const missing = lifecycleTables
      .filter((table) => table.partner === partner)
      .flatMap(({ object, states }) => {
        const rows = rowsOf(object);
        return Object.entries(states).flatMap(([state, { owed, due }]) => [
          ...(holdsWord(rows, state) ? [] : [`${object}: ${state}`]),
          ...(owed.length === 0 || rows.includes(`${state} ${inWords(due)}`)
            ? []
            : [`${object}: ${state} ${inWords(due)}`]),
        ]);
      });
    expect(missing).toEqual([]);
  });
});
