import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * An error where `npm run build` has not made the workflow bundle; a worker that bundled at its start would run code
 * that nobody tested.
 */
export class MissingBundleError extends Error {}

/** The path of the workflow code of this build. Throws `MissingBundleError`. */
export function findWorkflowBundle(): string {
  const candidates = [
    join(__dirname, '..', '..', 'workflow-bundle.js'),
    join(__dirname, '..', '..', 'dist', 'workflow-bundle.js'),
  ];
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) throw new MissingBundleError('The workflow bundle is missing: run npm run build first.');
  return found;
}
