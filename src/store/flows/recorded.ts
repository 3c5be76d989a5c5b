import { sql, type Transaction } from 'kysely';

import { workflowIdOf } from '../../domain/subject-key';
import type { Subject } from '../../domain/subject';
import { queueRecorded } from '../messages/queue';
import type { Tables } from '../schema/tables';

/** Row of a recorded subject; a row that a later delivery has written stays, whichever dispatcher was slower. */
export async function recordSubject(transaction: Transaction<Tables>, subject: Subject): Promise<void> {
  await sql`
    INSERT INTO subjects (workflow_id, lifecycle, partner, object, object_id, state, since, open, version, subject, as_of)
    VALUES (${workflowIdOf(subject)}, ${subject.lifecycle}, ${subject.partner}, ${subject.object}, ${subject.id},
            ${subject.state}, ${subject.since}, false, 1, ${JSON.stringify(subject)}::jsonb, now())
    ON CONFLICT (workflow_id) DO UPDATE SET state = excluded.state, since = excluded.since, subject = excluded.subject,
      version = subjects.version + 1, as_of = excluded.as_of
      WHERE subjects.since <= excluded.since`.execute(transaction);
  await queueRecorded(transaction, subject);
}
