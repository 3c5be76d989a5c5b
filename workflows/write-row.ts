import { store } from './activities';
import type { FlowState } from './flow-state';
import { now } from './timer';
import { prepareWrite, takeWriteResult } from './writes';

/** The write of the row by the main task queue, which no partner can hold up. */
export async function writeRow({ state }: { readonly state: FlowState }): Promise<void> {
  const result = await store.writeSubject(prepareWrite(state));
  takeWriteResult(state, result, now());
}
