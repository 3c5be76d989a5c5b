import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findWorkflowBundle } from '../../src/temporal/workflow-bundle';
import { bundleEntries } from '../../src/tools/build-workflow-bundle';
import { modulesBehind } from '../../src/tools/incremental-bundle';

const ROOT = join(__dirname, '..', '..');

test('a change of any module in the built workflow bundle makes the next build bundle again', () => {
  const bundle = readFileSync(findWorkflowBundle(), 'utf8');
  const bundled = Array.from(bundle.matchAll(/^\/\*{3}\/ "\.\/(dist\/[^"]+)"/gm), ([, path = '']) => join(ROOT, path));
  // Written for the bundler alone, from the list of partners.
  const ours = bundled.filter((path) => path !== join(ROOT, 'dist', 'workflow-entry.js'));
  const looked = new Set(modulesBehind(bundleEntries(join(ROOT, 'dist'))));
  expect(ours.length).toBeGreaterThan(50);
  expect(ours.filter((path) => !looked.has(path))).toEqual([]);
});
