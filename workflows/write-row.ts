import { isCancellation } from '@temporalio/workflow';

import type { SubjectWrite, WriteResult } from '../src/domain/subject-write';
import { store, storeAtOnce } from './activities';
import type { FlowState } from './flow-state';
import { isRefusal, takeRefusal } from './refused-writes';
import { now } from './timer';
import { prepareWrite, takeWriteResult } from './writes';

/** The write of the row by the main task queue, which no partner can hold up. */
export async function writeRow({ state }: { readonly state: FlowState }): Promise<void> {
  const write = prepareWrite(state);
  try {
    const result = await (state.goesNewWay('local-writes') ? writeAtOnce(write) : store.writeSubject(write));
    takeWriteResult(state, result, now());
  } catch (error) {
    if (!isRefusal(error)) throw error;
    takeRefusal(state, write, error);
  }
}

/** The result of a write now, or of one that waits until the store is there. */
async function writeAtOnce(write: SubjectWrite): Promise<WriteResult> {
  try {
    return await storeAtOnce.writeSubject(write);
  } catch (error) {
    if (isRefusal(error) || isCancellation(error)) throw error;
    // It may have been done, and only its answer be lost: the store knows it by its id.
    return store.writeSubject(write);
  }
}
