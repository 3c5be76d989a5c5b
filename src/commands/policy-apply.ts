import type { Client } from '@temporalio/client';

import { applyPolicy, runningFlows } from '../operator/apply-policy';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, createProgress, say } from './output';
import { exitListingFailed, withTemporal } from './temporal';
import { whoami } from './whoami';

interface ApplyOptions {
  readonly filter?: string;
  readonly dryRun?: boolean;
}

/** `partnerflow policy apply`: running flows take over the policy in force; their present waits are counted anew. */
export async function policyApply({ filter, dryRun }: ApplyOptions): Promise<ExitCode> {
  return withStore(({ configuration, database }) =>
    withTemporal(configuration, async (client) => {
      try {
        if (dryRun === true) return await list(client, filter);
        const { refreshed, ended, failed } = await applyPolicy(
          { ...configuration, client, database },
          {
            ...{ by: whoami(), filter },
            onFailed: (id) => complain(`${id} did not take it: does a worker run?`),
            onProgress: createProgress((words: string) => complain(`${words} flows`)),
            onContinued: complain,
          },
        );
        const what = counted(refreshed, 'flow has', 'flows have');
        say(`${what} the policy in force; ${ended} ended meanwhile, ${failed} failed.`);
        return failed > 0 ? EXIT.found : EXIT.done;
      } catch (error) {
        return exitListingFailed(error, configuration);
      }
    }),
  );
}

async function list(client: Client, filter: string | undefined): Promise<ExitCode> {
  let listed = 0;
  for await (const page of runningFlows(client, filter)) {
    page.forEach(say);
    listed += page.length;
  }
  return exitWith(EXIT.done, `${counted(listed, 'flow', 'flows')} would be refreshed.`);
}
