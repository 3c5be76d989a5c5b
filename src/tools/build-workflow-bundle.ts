import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { bundleWorkflowCode } from '@temporalio/worker';

/** Step of `npm run build`: the workflow code as one file, so that a production worker bundles nothing at its start. */
async function build(): Promise<void> {
  const quiet = (): void => undefined;
  const logger = { trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, log: quiet };
  const root = join(__dirname, '..', '..');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(root, 'workflows', 'index.js'),
    workflowInterceptorModules: [join(root, 'workflows', 'tracing.js')],
    logger,
  });
  writeFileSync(join(root, 'workflow-bundle.js'), code);
}

build().catch((error: unknown) => {
  process.stderr.write(
    `The workflow bundle could not be built: ${error instanceof Error ? error.message : 'unknown'}\n`,
  );
  process.exitCode = 1;
});
