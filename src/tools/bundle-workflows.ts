import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { bundleWorkflowCode, type Logger } from '@temporalio/worker';

const quiet = (): void => undefined;
const SILENT: Logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, log: quiet };

/** Places of the parts of a bundle. */
export interface BundleParts {
  /** The folder that holds `workflows/`: the project as written, as compiled, or a copy of it. */
  readonly root: string;
  /** Folders of the partners’ modules, each with `lifecycles/index`: their tables become part of the bundle. */
  readonly partnerFolders: readonly string[];
  /** Written for the bundler and removed: a file of this bundle alone, inside the project, where packages are found. */
  readonly entryPath: string;
  /** Without it flows show in the traces of their deliveries. */
  readonly untraced?: true;
}

/** The bundle’s entry: hands the partners’ tables to the workflows, and exports these. */
function entryOf({ root, partnerFolders }: BundleParts): string {
  const path = (...parts: readonly string[]): string => JSON.stringify(join(...parts));
  const tables = partnerFolders.map((folder) => `...require(${path(folder, 'lifecycles', 'index')}).lifecycles`);
  return [
    `require(${path(root, 'workflows', 'lifecycle-tables')}).useLifecycleTables([${tables.join(', ')}]);`,
    `module.exports = require(${path(root, 'workflows', 'index')});`,
  ].join('\n');
}

/** Code of the workflows, with the tables of the partners it is bundled for, as one file. */
export async function bundleWorkflows(parts: BundleParts): Promise<string> {
  const { root, entryPath, untraced } = parts;
  mkdirSync(dirname(entryPath), { recursive: true });
  writeFileSync(entryPath, entryOf(parts));
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: entryPath,
      workflowInterceptorModules: untraced === true ? [] : [join(root, 'workflows', 'tracing')],
      logger: SILENT,
    });
    return code;
  } finally {
    rmSync(entryPath, { force: true });
  }
}
