import type { FlowInput, FlowStatus } from './contract';
import { followSubject } from './interpreter';

/** A transfer of money or coins, from its first notification until the read agrees that it moved. */
export async function transfer(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}
