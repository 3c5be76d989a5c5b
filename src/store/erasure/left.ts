import { type Kysely, sql } from 'kysely';

import type { Tables } from '../schema/tables';
import type { Person } from './person';

/** Some of very many things, by their ids. */
export interface Some {
  /** At most 10,000. */
  readonly count: number;
  /** A hundred of them. */
  readonly ids: readonly string[];
}

/** Things that an erasure leaves, because nobody can say whose they are, or because they are still needed. */
export interface LeftByErasure {
  /** Parked deliveries of the partners: what could not be decoded may be of anybody. */
  readonly parked: Some;
  /** Refused requests of the partners whose raw is kept. */
  readonly refused: Some;
  /** Flows of the person that are open: their rows keep reasons and facts until they end. */
  readonly openFlows: Some;
  /** Deliveries of the person that wait for dispatch. */
  readonly pending: number;
  /** Messages about the person that are not numbered, not sent, or given up. */
  readonly messages: number;
  /** Own trades of the person: by its reference a trade is known when it is told again. */
  readonly trades: number;
}

const MOST_IDS = 100;
const MOST_COUNTED = 10_000;

/** Things that stay of a person whose subjects are given, or that may be of the person. */
export async function loadLeft(
  database: Kysely<Tables>,
  { userIds, partners }: Person,
  workflowIds: readonly string[],
): Promise<LeftByErasure> {
  const names = sql`${[...partners]}::text[]`;
  const subjects = sql`${[...workflowIds]}::text[]`;
  const some = async (query: ReturnType<typeof sql>): Promise<Some> => {
    const { rows } = await sql<{ count: number; ids: readonly string[] }>`
      WITH found AS (SELECT id FROM (${query}) AS every LIMIT ${sql.lit(MOST_COUNTED)})
      SELECT count(*)::int AS count, coalesce((array_agg(id))[1:${sql.lit(MOST_IDS)}], '{}') AS ids FROM found`.execute(
      database,
    );
    return rows[0] ?? { count: 0, ids: [] };
  };
  const number = async (query: ReturnType<typeof sql>): Promise<number> => (await some(query)).count;
  return {
    parked: await some(
      sql`SELECT id::text AS id FROM deliveries WHERE partner = ANY (${names}) AND coalesce(outcome, status) = 'parked'
        AND (status IN ('duplicate', 'parked') OR outcome IS NOT NULL)`,
    ),
    refused: await some(sql`SELECT id::text AS id FROM rejections WHERE partner = ANY (${names}) AND raw IS NOT NULL`),
    openFlows: await some(
      sql`SELECT workflow_id AS id FROM subjects WHERE workflow_id = ANY (${subjects}) AND open AND lifecycle <> 'recorded'`,
    ),
    pending: await number(
      sql`SELECT position::text AS id FROM delivery_queue WHERE workflow_id COLLATE "C" = ANY (${subjects})`,
    ),
    messages: await number(
      sql`SELECT id::text AS id FROM message_changes WHERE subject = ANY (${subjects})
        UNION ALL SELECT id FROM outbox WHERE state IN ('waiting', 'dead') AND subject = ANY (${subjects})`,
    ),
    trades: await number(
      sql`SELECT reference AS id FROM own_trades WHERE partner = ANY (${names}) AND user_id = ANY (${[...userIds]}::text[])`,
    ),
  };
}
