import type { FlowInput, FlowStatus } from './contract';
import { followSubject } from './interpreter';

/** A paper, search or strategy: read and recorded whenever it changes. */
export async function document(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}
