import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { PARTNERS } from '../partners';
import { bundleWorkflows } from './bundle-workflows';

/** Step of `npm run build`: the workflow code as one file, so that a production worker bundles nothing at its start. */
async function build(): Promise<void> {
  const root = join(__dirname, '..', '..');
  const partnerFolders = PARTNERS.modules.map(({ folder }) => folder);
  const code = await bundleWorkflows({ root, partnerFolders, entryPath: join(root, 'workflow-entry.js') });
  writeFileSync(join(root, 'workflow-bundle.js'), code);
}

build().catch((error: unknown) => {
  process.stderr.write(
    `The workflow bundle could not be built: ${error instanceof Error ? error.message : 'unknown'}\n`,
  );
  process.exitCode = 1;
});
