import { type SelectQueryBuilder, sql } from 'kysely';

/** Wanted part of a listing: so many items, the newest first, from just below a position. */
export interface PageRequest {
  readonly limit: number;
  /** `next` of the page before; null for the newest. */
  readonly after: string | null;
}

/** Page of a listing; `next` is null at the end. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Largest number of items on a page. */
export const LARGEST_PAGE = 500;

const POSITION = /^[1-9]\d{0,17}$/;

/** Position that a cursor stands for; null for what is no cursor of a listing by position. */
export function positionOf(cursor: string): string | null {
  const position = Buffer.from(cursor, 'base64url').toString('latin1');
  return POSITION.test(position) && cursorOf(position) === cursor ? position : null;
}

/** Positions of the rows on a page, with its cursor. */
export interface Cursored {
  readonly positions: readonly string[];
  readonly next: string | null;
}

/** Cursor of a listing by position. */
export function cursorOf(position: string): string {
  return Buffer.from(position).toString('base64url');
}

/**
 * Page made of rows of which one more than the limit was read: the extra row shows that there is a next page. The
 * cursor is a position rather than an offset, so that rows that arrive between two pages neither repeat nor hide any.
 */
export function pageOf<R extends { readonly position: string }, T>(
  rows: readonly R[],
  limit: number,
  itemOf: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return { items: shown.map(itemOf), next: rows.length > limit && last !== undefined ? cursorOf(last.position) : null };
}

/** Page of rows that have a position, the newest first. */
export async function newestFirst<Database, Table extends keyof Database, R extends { readonly position: string }, T>(
  query: SelectQueryBuilder<Database, Table, R>,
  { after, limit }: PageRequest,
  itemOf: (row: R) => T,
): Promise<Page<T>> {
  const position = after === null ? null : positionOf(after);
  const wanted = position === null ? query : query.where(sql<boolean>`position < ${position}`);
  const rows = await wanted
    .orderBy(sql`position`, 'desc')
    .limit(limit + 1)
    .$castTo<R>()
    .execute();
  return pageOf(rows, limit, itemOf);
}

/** Items of all pages of a listing, read one after the other. */
export async function allPages<T>(load: (page: PageRequest) => Promise<Page<T>>): Promise<Page<T>> {
  const items: T[] = [];
  let after: string | null = null;
  do {
    const page: Page<T> = await load({ limit: LARGEST_PAGE, after });
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return { items, next: null };
}
