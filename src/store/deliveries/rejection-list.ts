import type { Kysely } from 'kysely';

import type { Partner } from '../../domain/partner';
import { newestFirst, type Page, type PageRequest } from '../pagination';
import type { Tables } from '../schema/tables';

/** Request that was answered 401. */
export interface RejectionItem {
  readonly at: string;
  readonly partner: Partner;
  readonly route: string;
  readonly reason: string;
  readonly bodySha256: string;
  readonly bodyBytes: number;
}

/** Page of rejected requests, newest first. Only a bounded number is kept; the balance counts them all. */
export async function listRejections(database: Kysely<Tables>, page: PageRequest): Promise<Page<RejectionItem>> {
  const query = database
    .selectFrom('rejections')
    .select(['position', 'at', 'partner', 'route', 'reason', 'body_sha256', 'body_bytes']);
  return newestFirst(query, page, ({ at, partner, route, reason, body_sha256, body_bytes }) => ({
    at: at.toISOString(),
    partner,
    route,
    reason,
    bodySha256: body_sha256.toString('hex'),
    bodyBytes: body_bytes,
  }));
}
