import type { FindingKind } from '../../domain/subject';
import type { Expected, ReadFault, Step } from '../script';

/** The object takes a state and the partner says so. */
export function moves(state: string): readonly Step[] {
  return [
    { do: 'advance', state },
    { do: 'deliver', status: state },
  ];
}

/** The same of the object that plays a role beside it. */
export function movesOf(role: string, state: string): readonly Step[] {
  return [
    { do: 'advance', state, of: role },
    { do: 'deliver', status: state, of: role },
  ];
}

/** The object that plays a role takes a state; nobody is told. */
export function silentlyOf(role: string, state: string): Step {
  return { do: 'advance', state, of: role };
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

/** Goes on once the flow waits for this. */
export function untilOwed(word: string): Step {
  return { do: 'until-owed', word };
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
export function ends(state: string | null, applied: number, differences: Partial<Expected> = {}): Expected {
  return { ...WELL, state, outcomes: { applied }, ...differences };
}

/** Nothing is followed: so many deliveries were written down. */
export function recorded(state: string | null, applied: number, differences: Partial<Expected> = {}): Expected {
  return ends(state, applied, { endBy: null, ...differences });
}
