import { applyPolicy, runningFlows } from '../operator/apply-policy';
import { withStore } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, say } from './output';
import { exitListingFailed, withTemporal } from './temporal';
import { whoami } from './whoami';

interface ApplyOptions {
  readonly filter?: string;
  readonly dryRun?: boolean;
}

const PROGRESS_EVERY = 500;

/** `partnerflow policy apply`: running flows take over the policy in force; their present waits are counted anew. */
export async function policyApply({ filter, dryRun }: ApplyOptions): Promise<ExitCode> {
  return withStore(({ configuration, database }) =>
    withTemporal(configuration, async (client) => {
      try {
        const workflowIds = await runningFlows(client, filter);
        if (dryRun === true) {
          for (const id of workflowIds) say(id);
          return exitWith(EXIT.done, `${counted(workflowIds.length, 'flow', 'flows')} would be refreshed.`);
        }
        let done = 0;
        const onResult = (id: string, result: string): void => {
          if (result === 'failed') complain(`${id} did not take it: does a worker run?`);
          done += 1;
          if (done % PROGRESS_EVERY === 0) complain(`${done} of ${workflowIds.length}`);
        };
        const { refreshed, ended, failed } = await applyPolicy(
          { ...configuration, client, database },
          { workflowIds, by: whoami(), filter, onResult },
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
