import { type RawBuilder, sql } from 'kysely';

import { canonicalId } from '../../domain/canonical-id';

/**
 * Workflow ids of a user's subjects: those of which a partner names the user, those that moved something of the user, and
 * those whose own id is the user's.
 */
export function subjectsOfUser(user: string): RawBuilder<unknown> {
  const id = canonicalId(user);
  return sql`
    SELECT workflow_id FROM subject_details WHERE user_id = ${id}
    UNION SELECT workflow_id FROM movements WHERE user_id = ${id}
    UNION SELECT workflow_id FROM subjects WHERE object_id COLLATE "C" = ${id}`;
}
