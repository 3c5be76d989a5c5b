import type { ActionFlowInput, ActionStatus } from './action-contract';
import { followAction } from './action-flow';
import type { FlowInput, FlowStatus } from './contract';
import { followSubject } from './interpreter';

export { sweep } from './sweep';

/** The flow of an order or trade, from its first notification to its settlement. */
export function order(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}

/** The flow of a transfer of money or coins, from its first notification until a read agrees that it moved. */
export function transfer(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}

/** The flow of an onboarding, an offboarding, or a person, role or identification within one. */
export function onboarding(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}

/** The flow of a document, search or strategy: read and recorded whenever it changes. */
export function document(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}

/** The flow of a savings plan through all its recurrences, each confirmed before its deadline. */
export function savingsPlan(input: FlowInput): Promise<FlowStatus> {
  return followSubject(input);
}

/**
 * The flow of a whole corporate action, or, begun by a release before, of one user's set of it: quiet for a while,
 * judged, owed what follows, at rest until the next booking.
 */
export function corporateAction(input: FlowInput | ActionFlowInput): Promise<FlowStatus | ActionStatus> {
  return 'follows' in input ? followAction(input) : followSubject(input);
}
