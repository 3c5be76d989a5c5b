import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { withEventTable } from '../../src/tools/event-table';

test('the table of docs/events.md lists every registered event with its lifecycle, what is owed and by when', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'events.md'), 'utf8');
  expect(withEventTable(page)).toBe(page);
});
