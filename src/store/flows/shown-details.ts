import type { Amount, SubjectDetails } from '../../domain/details';
import type { Subject } from '../../domain/subject';

/** Details of a flow as an operator sees them. */
export interface ShownDetails {
  /** Facts beside the state: amounts, ids that a read brought, the meaning of a rejection. */
  readonly facts: Readonly<Record<string, string>>;
  /** Machine-readable word of the partner; null where it gave none. */
  readonly reason: string | null;
  /** The partner's own time of the last change, as sent. */
  readonly changedAt: string | null;
  readonly amounts: readonly Amount[];
  /** The partner's id of its user. */
  readonly userId: string | null;
  /** Our own reference, in clear here alone; null also where its key is not configured. */
  readonly reference: string | null;
  readonly side: string | null;
  /** The partner's word for the test domain that it comes from; null in production. */
  readonly sandbox: string | null;
}

/** Details of the table of details, under those of the flow's own row, which are the newer ones. */
export function shownDetails(
  { userId, reference, reason, changedAt, side, sandbox, amounts, facts }: SubjectDetails,
  subject: Subject | null,
): ShownDetails {
  return {
    facts: { ...facts, ...subject?.facts },
    reason: subject?.reason ?? reason ?? null,
    changedAt: subject?.changedAt ?? changedAt ?? null,
    amounts: amounts ?? [],
    userId: userId ?? null,
    reference: reference ?? null,
    side: side ?? null,
    sandbox: sandbox ?? null,
  };
}
