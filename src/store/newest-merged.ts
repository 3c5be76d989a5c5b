import { type RawBuilder, sql } from 'kysely';

import { type PageRequest, positionOf } from './pagination';

/** Part of a table by whose index the newest rows of each key are found: the partner, further columns, the position. */
export interface NewestOf {
  readonly table: 'deliveries' | 'subjects';
  /** Condition of the index, word for word. */
  readonly condition: string;
  /** Columns or expressions of the index between partner and position, each with the values that are wanted. */
  readonly keys: readonly { readonly of: string; readonly values: readonly (string | boolean)[] }[];
  readonly partner?: string | undefined;
}

/**
 * Positions of the newest rows of several keys together, one more than the page shows. For each partner and each
 * combination of values a few entries of the index are read: few rows that fit among very many that do not cost as
 * little as the other way round. Partners are those that the index holds.
 */
export function newestMerged({ table, condition, keys, partner }: NewestOf, page: PageRequest): RawBuilder<unknown> {
  const from = sql`${sql.table(table)} WHERE (${sql.raw(condition)})`;
  const combinations = combine(keys.map(({ values }) => values));
  const equal = keys.map(({ of }, index) => sql` AND ${sql.raw(of)} = wanted.${sql.ref(`key${index}`)}`);
  const limit = page.limit + 1;
  return sql`
    WITH RECURSIVE partners (partner) AS (${
      partner === undefined
        ? sql`(SELECT partner FROM ${from} ORDER BY partner LIMIT 1)
      UNION ALL
      SELECT (SELECT partner FROM ${from} AND partner > partners.partner ORDER BY partner LIMIT 1)
      FROM partners WHERE partners.partner IS NOT NULL`
        : sql`SELECT ${partner}::text`
    })
    SELECT newest.position FROM partners
      CROSS JOIN (VALUES ${sql.join(combinations.map((values) => sql`(${sql.join(values.map((value) => sql.lit(value)))})`))})
        AS wanted (${sql.join(keys.map((_, index) => sql.ref(`key${index}`)))})
      CROSS JOIN LATERAL (
        SELECT position FROM ${from} AND partner = partners.partner${sql.join(equal, sql``)}${behind(page)}
        ORDER BY position DESC LIMIT ${limit}
      ) AS newest
    ORDER BY newest.position DESC LIMIT ${limit}`;
}

/** Condition for rows behind the page before; empty for the first page. */
export function behind({ after }: PageRequest, column: RawBuilder<unknown> = sql`position`): RawBuilder<unknown> {
  const position = after === null ? null : positionOf(after);
  return position === null ? sql`` : sql` AND ${column} < ${position}`;
}

function combine<Value>(lists: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  return lists.reduce<readonly (readonly Value[])[]>(
    (combinations, values) => combinations.flatMap((combination) => values.map((value) => [...combination, value])),
    [[]],
  );
}
