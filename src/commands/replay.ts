import { existsSync } from 'node:fs';

import { processEnvironment, readTemporalVariables } from '../config/configuration';
import { historiesIn, HistoryFileError, historyFiles } from '../replay/history-files';
import { createOpenFlows } from '../replay/open-flows';
import { quietRuntime } from '../replay/quiet-runtime';
import { replayHistories, type Replayed, type ReplayTarget } from '../replay/replay-histories';
import { dataConverterOf } from '../temporal/payload-codec';
import { findWorkflowBundle } from '../temporal/workflow-bundle';
import { operatorEnvironment } from './context';
import { EXIT, type ExitCode, exitWith } from './exit-codes';
import { complain, counted, say, sayJson } from './output';
import { exitListingFailed, withTemporal } from './temporal';

/** Options of `partnerflow replay`. */
export interface ReplayOptions {
  readonly fromServer?: boolean;
  readonly filter?: string;
  readonly bundle?: string;
  readonly json?: boolean;
}

/** The result of a replay; also the JSON. */
interface Report {
  readonly replayed: number;
  readonly failed: readonly { readonly workflowId: string; readonly reason: string }[];
  /** Flows that ended before their failure could matter. */
  readonly endedMeanwhile: number;
}

const PROGRESS_EVERY_MS = 2_000;

/** Progress every few seconds, on standard error. */
function createProgress(total: number): (done: number) => void {
  let nextMs = Date.now() + PROGRESS_EVERY_MS;
  return (done) => {
    if (Date.now() < nextMs) return;
    nextMs = Date.now() + PROGRESS_EVERY_MS;
    complain(`${done} of about ${total} replayed`);
  };
}

/** Replays all; a failure counts only while `matters` holds for its flow. Each is shown as it is found, unless JSON is wanted. */
async function collect(
  replays: AsyncIterable<Replayed>,
  total: number,
  json: boolean,
  matters: (workflowId: string) => Promise<boolean>,
): Promise<Report> {
  const failed: { workflowId: string; reason: string }[] = [];
  let replayed = 0;
  let endedMeanwhile = 0;
  const progress = createProgress(total);
  for await (const { workflowId, reason } of replays) {
    if (reason === null) replayed += 1;
    else if (await matters(workflowId)) {
      failed.push({ workflowId, reason });
      if (!json) say(`${workflowId} does not replay: ${reason}.`);
    } else endedMeanwhile += 1;
    progress(replayed + failed.length + endedMeanwhile);
  }
  return { replayed, failed, endedMeanwhile };
}

function conclude(report: Report, json: boolean): ExitCode {
  const { replayed, failed, endedMeanwhile } = report;
  if (json) sayJson(report);
  else {
    const ended = endedMeanwhile === 0 ? '' : `, ${endedMeanwhile} ended meanwhile`;
    say(`${counted(replayed, 'flow replays', 'flows replay')} on the bundle, ${failed.length} not${ended}.`);
  }
  return failed.length === 0 ? EXIT.done : EXIT.found;
}

async function replayFiles(target: ReplayTarget, paths: readonly string[], json: boolean): Promise<ExitCode> {
  try {
    const files = historyFiles(paths);
    quietRuntime();
    const replays = replayHistories(target, historiesIn(files));
    return conclude(await collect(replays, files.length, json, () => Promise.resolve(true)), json);
  } catch (error) {
    if (!(error instanceof HistoryFileError)) throw error;
    return exitWith(EXIT.wrongUse, error.message);
  }
}

async function replayServer(
  target: ReplayTarget,
  configuration: ReturnType<typeof readTemporalVariables>,
  filter: string | undefined,
  json: boolean,
): Promise<ExitCode> {
  return withTemporal(configuration, async (client) => {
    try {
      const flows = createOpenFlows(client, filter);
      const total = await flows.count();
      quietRuntime();
      const replays = replayHistories(target, flows.histories());
      return conclude(await collect(replays, total, json, (workflowId) => flows.isOpen(workflowId)), json);
    } catch (error) {
      return exitListingFailed(error, configuration);
    }
  });
}

function wrongUseOf(paths: readonly string[], { fromServer, filter, bundle }: ReplayOptions): string | null {
  if (paths.length === 0 && fromServer !== true) return 'Expected files of histories, or --from-server.';
  if (paths.length > 0 && fromServer === true) return 'Expected files of histories or --from-server, one of the two.';
  if (filter !== undefined && fromServer !== true) return '--filter: expected together with --from-server only.';
  if (bundle !== undefined && !existsSync(bundle)) return `--bundle: expected a file, found none at ${bundle}`;
  return null;
}

/**
 * `partnerflow replay`: does the workflow code of this build go on from what histories say? Exit code 1 where one does
 * not: deploying it would stop that flow.
 */
export async function replay(paths: readonly string[], options: ReplayOptions): Promise<ExitCode> {
  const wrongUse = wrongUseOf(paths, options);
  if (wrongUse !== null) return exitWith(EXIT.wrongUse, wrongUse);
  const { fromServer, filter, bundle, json = false } = options;
  const configuration = readTemporalVariables(await operatorEnvironment(processEnvironment(), process.cwd()));
  const target = {
    bundlePath: bundle ?? findWorkflowBundle(),
    dataConverter: dataConverterOf(configuration.payloadKeys),
  };
  return fromServer === true ? replayServer(target, configuration, filter, json) : replayFiles(target, paths, json);
}
