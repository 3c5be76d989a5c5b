import { type Kysely, sql, type Transaction } from 'kysely';

import type { Activation } from './schema/ledger-tables';
import type { Tables } from './schema/tables';

/** True where a part was activated: no process of an earlier release runs any more. */
export async function isActivated(database: Kysely<Tables> | Transaction<Tables>, name: Activation): Promise<boolean> {
  const { rows } = await sql`SELECT FROM activations WHERE name = ${name}`.execute(database);
  return rows.length > 0;
}

/** Activation of a part, once; false where it was activated before. */
export async function activate(database: Kysely<Tables>, name: Activation): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO activations (name) VALUES (${name}) ON CONFLICT DO NOTHING RETURNING name`.execute(database);
  return rows.length > 0;
}
