import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { withEventTable } from '../../src/tools/event-table';

test('the README’s table lists every registered event with its lifecycle, what is owed and by when', () => {
  const readme = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8');
  expect(withEventTable(readme)).toBe(readme);
});
