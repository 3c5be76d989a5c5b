import type { SubjectDetails } from '../details';
import type { OutgoingMessage } from '../outgoing';
import { blankSubject, type Subject } from '../subject';

/** Change of a subject's row, with what is known beside it. */
export interface SubjectChange {
  /** Id of the change, by which its messages are told from those of any other. */
  readonly id: string;
  readonly workflowId: string;
  /** Null: there was no row, or nothing was known of the subject. */
  readonly before: Subject | null;
  readonly after: Subject;
  /** Time of the write, ISO 8601 UTC. */
  readonly at: string;
  readonly details: SubjectDetails;
}

/** Message under a type of its own: all that is known of the subject, and more where the type has it. */
export function told(
  change: SubjectChange,
  type: string,
  at: string,
  more: { readonly key?: string; readonly data?: Readonly<Record<string, unknown>> } = {},
): OutgoingMessage {
  const key = [change.id, type, ...(more.key === undefined ? [] : [more.key])].join(':');
  return { type, subject: change.workflowId, key, at, data: { ...commonData(change, at), ...more.data } };
}

/** The type of a change of which no more can be told than that there was one. */
export const UNREADABLE_CHANGE = 'flow.changed';

/** The message of such a change: whose it is, so that it is missing nowhere, and nothing that could be refused. */
export function unreadableChange({
  id,
  workflowId,
  at,
}: Pick<SubjectChange, 'id' | 'workflowId' | 'at'>): OutgoingMessage {
  const [partner = '', object = '', ...words] = workflowId.split(':');
  const blank = blankSubject({ partner, object, id: words.join(':') }, 'recorded', at);
  return told({ id, workflowId, before: null, after: blank, at, details: {} }, UNREADABLE_CHANGE, at);
}

/** The part of `data` that every message about a subject has. */
function commonData(change: SubjectChange, at: string): Readonly<Record<string, unknown>> {
  const { workflowId, before, after } = change;
  const { partner, object, id: objectId, state, stateBy, executions, end, waitingFor } = after;
  const { userId, reference, reason, changedAt, side, sandbox, amounts = [], facts = {} } = detailsOf(change);
  return {
    ...{ workflowId, partner, object, objectId },
    ...{ state, previousState: before?.state ?? null, at, changedAt: changedAt ?? null },
    by: end?.by ?? stateBy,
    ended: end !== null,
    waitingFor,
    reason: reason ?? null,
    ...{ facts, executions, amounts },
    userId: userId ?? null,
    reference: reference ?? null,
    side: side ?? null,
    sandbox: sandbox ?? null,
  };
}

/** The details of a subject and those that its own row has, which are the newer ones. */
export function detailsOf({ after, details }: Pick<SubjectChange, 'after' | 'details'>): SubjectDetails {
  const { reason, changedAt, facts = {} } = after;
  return {
    ...details,
    ...(reason === null ? {} : { reason }),
    ...(changedAt === undefined ? {} : { changedAt }),
    facts: { ...details.facts, ...facts },
  };
}

/** Details without those that nobody gave: what is added to messages that had none of them. */
export function presentDetails({ facts: _, ...details }: SubjectDetails): Readonly<Record<string, unknown>> {
  return details;
}
