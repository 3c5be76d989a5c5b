import type { FindingKind } from '../../domain/subject';
import type { Expected, ReadFault, Step } from '../script';

/** Steps in which the object takes the states in turn and the partner reports each. */
export function moves(...states: readonly string[]): readonly Step[] {
  return states.flatMap((state): readonly Step[] => [silently(state), says(state)]);
}

/** Steps in which the object of a role beside it takes a state and the partner reports it. */
export function movesOf(role: string, state: string): readonly Step[] {
  return [silentlyOf(role, state), { do: 'deliver', status: state, of: role }];
}

/** Step in which the object of a role takes a state without a webhook. */
export function silentlyOf(role: string, state: string): Step {
  return { do: 'advance', state, of: role };
}

/** Step in which the object takes a state, and the webhook is lost. */
export function silently(state: string): Step {
  return { do: 'advance', state };
}

/** Step of a webhook that names a status, whatever the object's own is. */
export function says(status: string): Step {
  return { do: 'deliver', status };
}

/** Step that ends once the flow shows the finding of an overdue read. */
export function untilFound(finding: FindingKind): Step {
  return { do: 'until-found', finding };
}

/** Step that ends once the flow waits for the given word. */
export function untilOwed(word: string): Step {
  return { do: 'until-owed', word };
}

/** Step after which reads of the object misbehave, for so many requests, or until another step ends it. */
export function readsFail(fault: ReadFault, requests: number | null): Step {
  return { do: 'reads', fault, requests };
}

/** Step after which reads of the object are answered well. */
export const readsAreWell: Step = { do: 'reads', fault: null, requests: null };

/** End by the partner's word, without findings; scripts name only the differences. */
const WELL: Expected = {
  state: null,
  endBy: 'partner',
  open: false,
  overdue: false,
  findings: { exactly: [] },
  outcomes: {},
  duplicate: 0,
  parked: 0,
  rejected: 0,
  recovered: 0,
};

/** Difference of an end whose webhook was lost: an overdue read has shown it. */
export const foundByRead: Partial<Expected> = { endBy: 'read', findings: { exactly: ['missed'] }, recovered: 1 };

/** Difference of an object that never moves again: its flow waits, and reads show that it has not moved. */
export const stuck: Partial<Expected> = { endBy: null, open: true, overdue: true, findings: { exactly: ['slow'] } };

/** End of the flow in the state, after so many deliveries that changed it. */
export function ends(state: string | null, applied: number, differences: Partial<Expected> = {}): Expected {
  return { ...WELL, state, outcomes: { applied }, ...differences };
}

/** End without a flow: so many deliveries were recorded. */
export function recorded(state: string | null, applied: number, differences: Partial<Expected> = {}): Expected {
  return ends(state, applied, { endBy: null, ...differences });
}
