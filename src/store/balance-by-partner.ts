import { type Kysely, sql } from 'kysely';

import type { Partner } from '../domain/notification';
import { MOST_CHECKED, openDeliveries, type RunningCheck } from './balance';
import type { Tables } from './tables';

/** Every number of the balance, in the order it is told. */
export const BALANCE_TERMS = [
  'received',
  'pending',
  'duplicate',
  'parked',
  'delivered',
  'open',
  'applied',
  'repeated',
  'late',
  'illegal',
  'abandoned',
  'rejected',
  'recovered',
] as const;
export type BalanceTerm = (typeof BALANCE_TERMS)[number];

/** The balance of one partner. */
export interface PartnerBalance {
  readonly partner: Partner;
  readonly terms: Readonly<Record<BalanceTerm, number>>;
  /** Open deliveries whose workflow no longer runs; null while Temporal cannot be asked. */
  readonly openWithoutFlow: number | null;
  readonly balanced: boolean;
}

type Row = Readonly<Record<BalanceTerm, string | null>> & { readonly partner: Partner };

/** One statement is one snapshot, as for the balance of all. */
async function countAll(database: Kysely<Tables>): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    WITH counted AS (
      SELECT partner, sum(value) FILTER (WHERE name = 'received') AS received,
        sum(value) FILTER (WHERE name = 'rejected') AS rejected, sum(value) FILTER (WHERE name = 'recovered') AS recovered
      FROM counters GROUP BY partner
    ), kept AS (
      SELECT partner, count(*) FILTER (WHERE status = 'pending') AS pending,
        count(*) FILTER (WHERE status = 'duplicate') AS duplicate, count(*) FILTER (WHERE status = 'parked') AS parked,
        count(*) FILTER (WHERE status = 'delivered') AS delivered,
        count(*) FILTER (WHERE status = 'delivered' AND outcome IS NULL) AS open,
        count(*) FILTER (WHERE outcome = 'applied') AS applied, count(*) FILTER (WHERE outcome = 'repeated') AS repeated,
        count(*) FILTER (WHERE outcome = 'late') AS late, count(*) FILTER (WHERE outcome = 'illegal') AS illegal,
        count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned
      FROM deliveries GROUP BY partner
    )
    SELECT * FROM counted FULL JOIN kept USING (partner)`.execute(database);
  return rows;
}

/** By partner; null while Temporal is away. */
async function countWithoutFlow(
  database: Kysely<Tables>,
  notRunning: RunningCheck,
): Promise<ReadonlyMap<Partner, number> | null> {
  const open = await openDeliveries(database).select('workflow_id').orderBy('position').limit(MOST_CHECKED).execute();
  const workflowIds = [...new Set(open.flatMap(({ workflow_id }) => (workflow_id === null ? [] : [workflow_id])))];
  const ended = workflowIds.length === 0 ? [] : await notRunning(workflowIds);
  if (ended === 'unknown') return null;
  if (ended.length === 0) return new Map();
  const rows = await openDeliveries(database)
    .select(['partner', ({ fn }) => fn.countAll<string>().as('count')])
    .where('workflow_id', 'in', [...ended])
    .groupBy('partner')
    .execute();
  return new Map(rows.map(({ partner, count }) => [partner, Number(count)]));
}

function balanceOf(row: Row | undefined, partner: Partner, openWithoutFlow: number | null): PartnerBalance {
  const count = (term: BalanceTerm): number => Number(row?.[term] ?? 0);
  const sum = (terms: readonly BalanceTerm[]): number => terms.reduce((total, term) => total + count(term), 0);
  const terms = {
    received: count('received'),
    pending: count('pending'),
    duplicate: count('duplicate'),
    parked: count('parked'),
    delivered: count('delivered'),
    open: count('open'),
    applied: count('applied'),
    repeated: count('repeated'),
    late: count('late'),
    illegal: count('illegal'),
    abandoned: count('abandoned'),
    rejected: count('rejected'),
    recovered: count('recovered'),
  };
  const balanced =
    terms.received === sum(['pending', 'duplicate', 'parked', 'delivered']) &&
    terms.delivered === sum(['open', 'applied', 'repeated', 'late', 'illegal', 'abandoned']) &&
    (openWithoutFlow ?? 0) === 0;
  return { partner, terms, openWithoutFlow, balanced };
}

/**
 * The balance of each of the given partners, by the rules of `readBalance`. Reads every row of `deliveries`: for who
 * asks now and then.
 */
export async function readBalanceByPartner(
  database: Kysely<Tables>,
  notRunning: RunningCheck,
  partners: readonly Partner[],
): Promise<readonly PartnerBalance[]> {
  const rows = await countAll(database);
  const without = await countWithoutFlow(database, notRunning);
  return partners.map((partner) => {
    const openWithoutFlow = without === null ? null : (without.get(partner) ?? 0);
    return balanceOf(
      rows.find((row) => row.partner === partner),
      partner,
      openWithoutFlow,
    );
  });
}
