import { isCancellation } from '@temporalio/workflow';

import { isPlain, type SubjectWrite, type WriteResult } from '../src/domain/subject-write';
import { store, storeAtOnce } from './activities';
import type { FlowState } from './flow-state';
import { isRefusal, takeRefusal } from './refused-writes';
import { now } from './timer';
import { prepareWrite, takeWriteResult } from './writes';

/** The write of the row by the main task queue, which no partner can hold up. */
export async function writeRow({ state }: { readonly state: FlowState }): Promise<void> {
  const write = prepareWrite(state);
  try {
    const result = await (mayWriteAtOnce(state, write) ? writeAtOnce(write) : store.writeSubject(write));
    takeWriteResult(state, result, now());
  } catch (error) {
    if (!isRefusal(error)) throw error;
    takeRefusal(state, write, error);
  }
}

/**
 * True for a write that may be done again with more in it. What is told outside, an end or a message, has to be in the
 * history first: done again with a signal that came meanwhile, the flow might not end, or end otherwise. After a row of
 * another run the write waits until the history holds what was found: a task that is done again would find its own row
 * there, and never learn of the other one.
 */
function mayWriteAtOnce({ goesNewWay, hasMetOther }: FlowState, write: SubjectWrite): boolean {
  const tellsOutside = write.subject.end !== null || write.tells !== undefined;
  return goesNewWay('local-writes') && isPlain(write) && !tellsOutside && !hasMetOther;
}

/**
 * The result of a write now, or of one that waits until the store is there. A workflow task that fails leaves nothing in
 * the history, but its write is done; the task is done again and so is the write, with what has come since.
 */
async function writeAtOnce(write: SubjectWrite): Promise<WriteResult> {
  try {
    return await storeAtOnce.writeSubject(write);
  } catch (error) {
    if (isRefusal(error) || isCancellation(error)) throw error;
    // It may have been done, and only its answer be lost: the store knows it by its id.
    return store.writeSubject(write);
  }
}
