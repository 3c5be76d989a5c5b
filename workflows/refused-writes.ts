import { isUuid } from '../src/domain/canonical-id';
import type { Subject } from '../src/domain/subject';
import { REFUSED_WRITE, type SubjectWrite } from '../src/domain/subject-write';
import { bareSubject, withRefusal, writable } from '../src/domain/writable';
import { failureMessageOf, failureTypeOf } from './failure-type';
import type { FlowState, Heard } from './flow-state';
import { now } from './timer';

/** True for the failure of an activity whose write the database refuses for what it holds. */
export function isRefusal(error: unknown): boolean {
  return failureTypeOf(error) === REFUSED_WRITE;
}

/**
 * The end of a write that the database refused: the same again would be refused for ever, and keep the flow from its
 * end. First what no row can hold is left out; then the row shows the least there is; then the flow goes on without it.
 * Each time a fact says so.
 */
export function takeRefusal(flowState: FlowState, refused: SubjectWrite | null, error: unknown): void {
  flowState.openWrites = flowState.openWrites.filter(({ write }) => write !== refused);
  flowState.refusals += 1;
  flowState.changes += 1;
  flowState.subject = withRefusal(flowState.subject, failureMessageOf(error));
  if (flowState.refusals === 1) leaveOutUnwritable(flowState);
  if (flowState.refusals > 2) goOnUnwritten(flowState);
}

/** The subject as its row is to show it. */
export function rowSubject({ subject, refusals }: FlowState): Subject {
  return refusals < 2 ? subject : bareSubject(subject, now());
}

/** A delivery whose id is none was never kept by us: somebody sent its signal by hand. */
function leaveOutUnwritable(flowState: FlowState): void {
  const { subject, unwritten, heard, unkeptActions, alerts } = flowState;
  flowState.subject = writable(subject);
  flowState.unwritten = writable(unwritten.filter(({ notification }) => isUuid(notification.deliveryId)));
  flowState.heard = writable(heard.filter(canBeWritten));
  flowState.unkeptActions = writable(unkeptActions);
  flowState.alerts = [...alerts, REFUSED_WRITE];
}

function canBeWritten(one: Heard): boolean {
  return one.kind === 'change' || !one.isUnwritten || isUuid(one.notification.deliveryId);
}

/** Nothing of it can be written. What the flow knows it keeps, and shows in the Temporal UI; `reconcile` finds the rest. */
function goOnUnwritten(flowState: FlowState): void {
  flowState.refusals = 0;
  flowState.writtenSubject = flowState.subject;
  flowState.unwritten = [];
  flowState.heard = [];
  flowState.unkeptActions = [];
  flowState.alerts = [];
  flowState.recovered = 0;
}
