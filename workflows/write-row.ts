import { store } from './activities';
import type { FlowState } from './flow-state';
import { isRefusal, takeRefusal } from './refused-writes';
import { now } from './timer';
import { prepareWrite, takeWriteResult } from './writes';

/** The write of the row by the main task queue, which no partner can hold up. */
export async function writeRow({ state }: { readonly state: FlowState }): Promise<void> {
  const write = prepareWrite(state);
  try {
    const result = await store.writeSubject(write);
    takeWriteResult(state, result, now());
  } catch (error) {
    if (!isRefusal(error)) throw error;
    takeRefusal(state, write, error);
  }
}
