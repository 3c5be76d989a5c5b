import type { Kysely } from 'kysely';

import type { Partner } from '../domain/notification';
import { type Page, pageOf, type PageRequest, positionOf } from './pages';
import type { Tables } from './tables';

/** A request that was answered 401. */
export interface RejectionItem {
  readonly at: string;
  readonly partner: Partner;
  readonly route: string;
  readonly reason: string;
  readonly bodySha256: string;
  readonly bodyBytes: number;
}

/** Refused requests, newest first; only a bounded number is kept, the balance counts them all. */
export async function listRejections(database: Kysely<Tables>, page: PageRequest): Promise<Page<RejectionItem>> {
  let query = database
    .selectFrom('rejections')
    .select(['position', 'at', 'partner', 'route', 'reason', 'body_sha256', 'body_bytes']);
  const position = page.after === null ? null : positionOf(page.after);
  if (position !== null) query = query.where('position', '<', position);
  const rows = await query
    .orderBy('position', 'desc')
    .limit(page.limit + 1)
    .execute();
  return pageOf(rows, page.limit, ({ at, partner, route, reason, body_sha256, body_bytes }) => ({
    at: at.toISOString(),
    partner,
    route,
    reason,
    bodySha256: body_sha256.toString('hex'),
    bodyBytes: body_bytes,
  }));
}
