import type { Policy } from '../src/domain/policy';
import type { ActionFlowInput, ActionStatus } from './action-contract';
import type { ActionDetails } from './action-ui';

/** All that the flow of a whole corporate action keeps between two awaits: its sets are rows, which rounds judge. */
export interface ActionFlowState {
  readonly action: ActionFlowInput['action'];
  policy: Policy;
  /** Something is to be looked at, beside what is due by itself. */
  isWoken: boolean;
  /** Its run is about to end, and the next to begin: no act is admitted to this one. */
  isEnding: boolean;
  /** The answer of the partner, until a round has taken it. */
  asked: { readonly result: 'reached' | 'unreachable'; readonly at: string } | null;
  /** The number of rounds in a row that left sets in their quiet period. */
  busyRounds: number;
  /** The number of rounds in a row for which dispatch was behind. */
  waits: number;
  status: ActionStatus;
  readonly details: ActionDetails;
}
