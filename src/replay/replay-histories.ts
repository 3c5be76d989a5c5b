import type { HistoryAndWorkflowId } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';

import { inWords } from './violation';

/** Code that histories are replayed against. */
export interface ReplayTarget {
  /** Path of the workflow code as `npm run build` bundles it. */
  readonly bundlePath: string;
  /** Converter with the payload codec: encrypted histories can be replayed by nothing else. */
  readonly dataConverter?: DataConverter | undefined;
}

/** Result of replaying one flow. */
export interface Replayed {
  readonly workflowId: string;
  /** Sentence about why the code cannot continue from the history; null where it can. */
  readonly reason: string | null;
}

/**
 * Results of replaying histories one after the other on one worker. Each is taken only when the one before is
 * finished, so that memory does not grow with their number. A history that breaks is a result; only a failure that
 * stops all replays throws.
 */
export async function* replayHistories(
  target: ReplayTarget,
  histories: AsyncIterable<HistoryAndWorkflowId> | Iterable<HistoryAndWorkflowId>,
): AsyncGenerator<Replayed> {
  for await (const { workflowId, error } of Worker.runReplayHistories(optionsOf(target), histories)) {
    yield { workflowId, reason: error === undefined ? null : inWords(error) };
  }
}

function optionsOf({ bundlePath, dataConverter }: ReplayTarget): ReplayWorkerOptions {
  return {
    workflowBundle: { codePath: bundlePath },
    ...(dataConverter === undefined ? {} : { dataConverter }),
  };
}
