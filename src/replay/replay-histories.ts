import type { HistoryAndWorkflowId } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';

import { inWords } from './violation';

/** What histories are replayed against. */
export interface ReplayTarget {
  /** The workflow code as `npm run build` bundles it. */
  readonly bundlePath: string;
  /** The one place for a payload codec: histories whose payloads are encrypted can be replayed by nothing else. */
  readonly dataConverter?: DataConverter | undefined;
}

/** How one flow replayed. */
export interface Replayed {
  readonly workflowId: string;
  /** Why the code cannot go on from what the history says, in a sentence; null where it can. */
  readonly reason: string | null;
}

function optionsOf({ bundlePath, dataConverter }: ReplayTarget): ReplayWorkerOptions {
  return {
    workflowBundle: { codePath: bundlePath },
    ...(dataConverter === undefined ? {} : { dataConverter }),
  };
}

/**
 * Replays histories one after the other on one worker, taking each only when the one before is through, so that memory
 * does not grow with their number. A history that breaks is a result; only what keeps all from being replayed throws.
 */
export async function* replayHistories(
  target: ReplayTarget,
  histories: AsyncIterable<HistoryAndWorkflowId> | Iterable<HistoryAndWorkflowId>,
): AsyncGenerator<Replayed> {
  for await (const { workflowId, error } of Worker.runReplayHistories(optionsOf(target), histories)) {
    yield { workflowId, reason: error === undefined ? null : inWords(error) };
  }
}
