import type { FlowInput, FlowStatus } from './contract';
import { followSubject } from './interpreter';

/** One user's set of a corporate action: settles, is judged, waits for what it owes, and rests until something new is booked. */
export async function corporateAction(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}
