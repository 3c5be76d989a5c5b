import { type Kysely, sql } from 'kysely';

import { type Partner, PARTNERS } from '../domain/notification';
import type { Tables } from './tables';

/** What a partner sent, and what it should have sent. */
export interface PartnerCounts {
  readonly partner: Partner;
  /** Deliveries kept, also repeated ones, also those a sweep brought. */
  readonly received: number;
  /** Statuses and movements that no webhook told us of: an overdue read or a sweep did. */
  readonly recovered: number;
  /** Requests answered 401. */
  readonly rejected: number;
}

/** The counters of each partner, in one snapshot; the sums of all are the balance's. */
export async function countByPartner(database: Kysely<Tables>): Promise<readonly PartnerCounts[]> {
  const { rows } = await sql<{ partner: string; name: string; total: string }>`
    SELECT partner, name, sum(value) AS total FROM counters GROUP BY partner, name`.execute(database);
  return PARTNERS.map((partner) => {
    const count = (name: string): number =>
      Number(rows.find((row) => row.partner === partner && row.name === name)?.total ?? 0);
    return { partner, received: count('received'), recovered: count('recovered'), rejected: count('rejected') };
  });
}
