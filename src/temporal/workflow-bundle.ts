import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The bundle `npm run build` made; a worker that bundled at its start would run code nobody tested. */
export class MissingBundleError extends Error {}

/** Path of the workflow code that this build runs. Throws `MissingBundleError`. */
export function findWorkflowBundle(): string {
  const candidates = [
    join(__dirname, '..', '..', 'workflow-bundle.js'),
    join(__dirname, '..', '..', 'dist', 'workflow-bundle.js'),
  ];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new MissingBundleError('The workflow bundle is missing: run npm run build first.');
  return found;
}
