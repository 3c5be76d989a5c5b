import type { FlowInput, FlowStatus } from './contract';
import { followSubject } from './interpreter';

/** A savings plan through all its recurrences, each confirmed before its deadline. */
export async function savingsPlan(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}
