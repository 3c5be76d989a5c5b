import type { FlowInput, FlowStatus } from './contract';
import { followSubject } from './interpreter';

/** An order or trade of a partner, from its first notification to its settlement. */
export async function order(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}
