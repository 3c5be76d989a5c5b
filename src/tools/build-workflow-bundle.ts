import { join } from 'node:path';

import { PARTNERS } from '../partners';
import { bundleWorkflows } from './bundle-workflows';
import { bringUpToDate } from './incremental-bundle';

/** Step of `npm run build`: the workflow code as one file, so that a production worker bundles nothing at its start. */
async function build(): Promise<void> {
  const root = join(__dirname, '..', '..');
  const partnerFolders = PARTNERS.modules.map(({ folder }) => folder);
  await bringUpToDate({
    path: join(root, 'workflow-bundle.js'),
    entries: bundleEntries(root),
    packagesPath: join(root, '..', 'node_modules', '.package-lock.json'),
    make: () => bundleWorkflows({ root, partnerFolders, entryPath: join(root, 'workflow-entry.js') }),
  });
}

/** Modules below `dist/` that require everything the bundle is made of: this one the list of partners and their tables. */
export function bundleEntries(root: string): readonly string[] {
  const workflows = ['index', 'lifecycle-tables', 'tracing'].map((name) => join(root, 'workflows', `${name}.js`));
  return [join(root, 'src', 'tools', 'build-workflow-bundle.js'), ...workflows];
}

if (require.main === module)
  build().catch((error: unknown) => {
    process.stderr.write(
      `The workflow bundle could not be built: ${error instanceof Error ? error.message : 'unknown'}\n`,
    );
    process.exitCode = 1;
  });
