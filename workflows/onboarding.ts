import type { FlowInput, FlowStatus } from './contract';
import { followSubject } from './interpreter';

/** A person, role or onboarding, until it rests; news wakes it. */
export async function onboarding(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}
