import type { FindingKind } from '../../domain/subject';
import type { Expected, ReadFault, Step } from '../script';

/** The object takes a state and the partner says so. */
export function moves(state: string): readonly Step[] {
  return [
    { do: 'advance', state },
    { do: 'deliver', status: state },
  ];
}

/** The object takes a state; the webhook is lost. */
export function silently(state: string): Step {
  return { do: 'advance', state };
}

/** A webhook that names a status, whatever the object's own is. */
export function says(status: string): Step {
  return { do: 'deliver', status };
}

/** Goes on once the flow shows what reading the overdue object gave. */
export function untilFound(finding: FindingKind): Step {
  return { do: 'until-found', finding };
}

/** Reads of the object misbehave from here on, for so many requests, or until told otherwise. */
export function readsFail(fault: ReadFault, requests: number | null): Step {
  return { do: 'reads', fault, requests };
}

export const readsAreWell: Step = { do: 'reads', fault: null, requests: null };

/** An end that the partner told us of, with nothing to remark; scripts name only what differs. */
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

/** The flow ends in the state after so many deliveries that brought news. */
export function ends(state: string, applied: number, differences: Partial<Expected> = {}): Expected {
  return { ...WELL, state, outcomes: { applied }, ...differences };
}
