import { sql, type Transaction } from 'kysely';

import { setIdOf } from '../../domain/lifecycles/corporate-actions/set-id';
import { errorCode } from '../../domain/error-code';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { type JudgedSet, obligationMessage, setMessages, type SetView } from '../../domain/messages/ledger-messages';
import { recordedMessage, subjectMessages } from '../../domain/messages/subject-messages';
import { type SubjectChange, unreadableChange } from '../../domain/messages/told';
import type { OutgoingMessage } from '../../domain/outgoing';
import type { Partner } from '../../domain/partner';
import { blankSubject, type Subject } from '../../domain/subject';
import { type SubjectKey, workflowIdOf } from '../../domain/subject-key';
import { OBJECT } from '../corporate-actions/set-flows';
import type { Encryption } from '../encryption';
import { loadReadableDetails } from '../flows/details';
import { loadSubjects } from '../flows/subjects';
import type { Tables } from '../schema/tables';
import { loadObligations, loadObligationsOfSets, type OwedRow } from './obligations';

interface Place {
  readonly id: string;
  /** Workflow id; of a set and an obligation it is found by what they are. */
  readonly subject: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

type SetKey = JudgedSet & { readonly partner: Partner };

/** Change that was taken out of the queue. */
type QueuedChange = Place &
  (
    | { readonly kind: 'subject'; readonly before: Subject | null; readonly after: Subject }
    | { readonly kind: 'recorded'; readonly before: null; readonly after: Subject }
    | { readonly kind: 'message'; readonly before: null; readonly after: string }
    | { readonly kind: 'set'; readonly before: SetView; readonly after: SetKey }
    | { readonly kind: 'obligation'; readonly before: null; readonly after: { readonly id: string } }
  );

/** Parts by which changes become messages. */
export interface TellingParts {
  readonly lifecycleTableOf: (partner: string, object: string) => LifecycleTable | undefined;
  readonly encryption: Encryption;
  /** Notice of a change that could not be told, with the code of the failure. */
  readonly onUnreadable?: (failure: string) => void;
}

/** Manner in which changes are told: `whole`, or `bare`, which is only that there was a change, and whose. */
export type Manner = 'whole' | 'bare';

/** Number of the oldest changes that were taken out of the queue, and their messages in the order of the changes. */
export async function takeMessages(
  transaction: Transaction<Tables>,
  parts: TellingParts,
  { limit, manner }: { readonly limit: number; readonly manner: Manner },
): Promise<{ readonly changes: number; readonly messages: readonly OutgoingMessage[] }> {
  const changes = await takeChanges(transaction, limit);
  if (manner === 'bare') return { changes: changes.length, messages: changes.map(bare) };
  const known = await loadKnown(transaction, parts.encryption, changes);
  return { changes: changes.length, messages: changes.flatMap((change) => readable(parts, known, change)) };
}

/** Messages of a change; one that cannot be read must not keep all behind it from being told. */
function readable(parts: TellingParts, known: Known, change: QueuedChange): readonly OutgoingMessage[] {
  try {
    return messagesOf(parts, known, change);
  } catch (error) {
    parts.onUnreadable?.(errorCode(error));
    return [bare(change)];
  }
}

function bare({ id, subject, at }: Place): OutgoingMessage {
  return unreadableChange({ id, workflowId: subject, at });
}

type Row = { readonly position: string; readonly changed_at: Date } & QueuedChange;

async function takeChanges(transaction: Transaction<Tables>, limit: number): Promise<readonly QueuedChange[]> {
  const { rows } = await sql<Row>`
    DELETE FROM message_changes WHERE position = ANY (ARRAY (
      SELECT position FROM message_changes ORDER BY position LIMIT ${limit}))
    RETURNING position, id, kind, subject, before, after, changed_at`.execute(transaction);
  const inOrder = [...rows].sort((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
  return inOrder.map((row) => ({ ...row, at: row.changed_at.toISOString() }));
}

/** All that messages need beside the changes, read for a batch at once. */
interface Known {
  readonly details: Awaited<ReturnType<typeof loadReadableDetails>>;
  readonly subjects: Awaited<ReturnType<typeof loadSubjects>>;
  readonly obligations: ReadonlyMap<string, OwedRow>;
  readonly obligationsOfSets: readonly OwedRow[];
}

async function loadKnown(
  transaction: Transaction<Tables>,
  encryption: Encryption,
  changes: readonly QueuedChange[],
): Promise<Known> {
  const sets = changes.flatMap((one) => (one.kind === 'set' ? [one.after] : []));
  const obligations = await loadObligations(
    transaction,
    changes.flatMap((one) => (one.kind === 'obligation' ? [one.after.id] : [])),
  );
  const ofLedger = [...sets.map((one) => workflowIdOf(keyOf(one))), ...obligations.map(({ workflowId }) => workflowId)];
  const followed = changes.flatMap(({ kind, subject }) => (kind === 'subject' || kind === 'recorded' ? [subject] : []));
  return {
    details: await loadReadableDetails(transaction, encryption, [...new Set([...followed, ...ofLedger])]),
    subjects: await loadSubjects(transaction, [...new Set(ofLedger)]),
    obligations: new Map(obligations.map((one) => [one.obligationId, one])),
    obligationsOfSets: await loadObligationsOfSets(transaction, sets),
  };
}

function keyOf({ partner, caId: corporateActionId, userId }: SetKey): SubjectKey {
  return { partner, object: OBJECT, id: setIdOf({ corporateActionId, userId }) };
}

function messagesOf(
  { lifecycleTableOf }: TellingParts,
  known: Known,
  change: QueuedChange,
): readonly OutgoingMessage[] {
  const details = known.details.get(change.subject) ?? {};
  switch (change.kind) {
    case 'subject': {
      const { partner, object } = change.after;
      return subjectMessages(lifecycleTableOf(partner, object), { ...change, details, workflowId: change.subject });
    }
    case 'recorded':
      return [recordedMessage({ ...change, details, workflowId: change.subject })];
    case 'message':
      return [parsed(change.after)];
    case 'set': {
      const { partner, caId, userId } = change.after;
      const owed = known.obligationsOfSets.filter((one) => one.caId === caId && one.userId === userId);
      return setMessages(unchanged(known, change, { ...change.after, partner }), change.before, change.after, owed);
    }
    case 'obligation': {
      const owed = known.obligations.get(change.after.id);
      return owed === undefined ? [] : [obligationTold(known, change, owed)];
    }
  }
}

function obligationTold(known: Known, change: Place, { workflowId, ...owed }: OwedRow): OutgoingMessage {
  const [partner = '', object = ''] = workflowId.split(':');
  const blank = blankSubject({ partner, object, id: owed.transactionId }, 'recorded', owed.since);
  return obligationMessage(subjectAsItIs(known, change, workflowId, blank), owed);
}

function unchanged(known: Known, change: Place, set: SetKey): SubjectChange {
  const key = keyOf(set);
  return subjectAsItIs(known, change, workflowIdOf(key), blankSubject(key, 'corporateAction', change.at));
}

/** The subject as its row is now; of one that has none what is known of it. */
function subjectAsItIs(known: Known, { id, at }: Place, workflowId: string, blank: Subject): SubjectChange {
  const subject = known.subjects.get(workflowId)?.subject ?? blank;
  return { id, at, workflowId, before: subject, after: subject, details: known.details.get(workflowId) ?? {} };
}

function parsed(text: string): OutgoingMessage {
  const message: unknown = JSON.parse(text);
  if (isMessage(message)) return message;
  throw new Error('the queue of messages holds something else');
}

function isMessage(value: unknown): value is OutgoingMessage {
  return typeof value === 'object' && value !== null && 'type' in value && 'key' in value && 'data' in value;
}
