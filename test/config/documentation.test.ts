import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { VARIABLE_SOURCES } from '../support/known-variables';

it('names in docs/configuration.md every variable that is read, and no other', () => {
  const code = VARIABLE_SOURCES.map((path) => readFileSync(path, 'utf8')).join('\n');
  const read = Array.from(code.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g), ([, name]) => name ?? '');
  const text = readFileSync(join('docs', 'configuration.md'), 'utf8');
  const documented = Array.from(text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g), ([, name]) => name ?? '');
  const ofTheSdk = (name: string): boolean => /^TEMPORAL_(ADDRESS|NAMESPACE|API_KEY|PROFILE)$/.test(name);
  const ours = (names: readonly string[]) => [...new Set(names.filter((name) => !ofTheSdk(name)))].sort();
  expect(read.length).toBeGreaterThan(20);
  expect(ours(documented)).toEqual(ours(read));
});
