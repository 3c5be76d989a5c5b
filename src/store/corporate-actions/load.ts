import { type Kysely, sql, type Transaction } from 'kysely';

import type {
  Bounds,
  Break,
  HolderSet,
  SetMovement,
  Unknown,
  Verdict,
} from '../../domain/lifecycles/corporate-actions/corporate-action';
import { oldInstrumentOf } from '../../domain/lifecycles/corporate-actions/set-facts';
import type { Resolution } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import { creditedAtText, paidText } from '../ledger/netting';
import type { Tables } from '../schema/tables';
import { type HoldingsBefore, holdingsBefore, isAmong, NO_HOLDINGS } from './holdings-before';

/** Partner and id of a corporate action. */
export interface CorporateActionKey {
  readonly partner: Partner;
  /** Partner's `ca_id`. */
  readonly id: string;
}

/** Movement of a set, with what the API shows of it. */
export interface LedgerMovement extends SetMovement {
  readonly userId: string;
  readonly position: bigint;
}

/** Content of the ledger for one corporate action. */
export interface LedgerView {
  readonly holders: readonly HolderSet[];
  /** Holding of the old instrument before, by user; absent where it is not known. */
  readonly before: ReadonlyMap<string, string>;
  /** Position of the last booked movement, by holder. */
  readonly lastPositions: ReadonlyMap<string, bigint>;
  readonly movements: ReadonlyMap<string, readonly LedgerMovement[]>;
  readonly aliased: ReadonlySet<string>;
  /** Time at which the first of its movements was credited, ISO 8601 UTC; null while there is none. */
  readonly firstCreditedAt: string | null;
}

/** Set as it was last judged. */
export interface StoredSet {
  readonly userId: string;
  readonly verdict: Verdict | null;
  readonly breaks: readonly Break[];
  readonly unverified: readonly Unknown[];
  readonly heldEvents: readonly string[] | null;
  readonly before: string | null;
  readonly expectedNew: Readonly<Record<string, Bounds>>;
  readonly judgedThrough: bigint;
  readonly resolution: Resolution | null;
  readonly unreachable: boolean;
  readonly version: number;
  readonly followedBy: 'holder' | 'action';
}

type Database = Kysely<Tables> | Transaction<Tables>;

/** Ledger of a corporate action for judging it, with every instrument under the one name that its aliases give. */
export async function loadLedgerView(database: Database, action: CorporateActionKey): Promise<LedgerView> {
  const rows = await movementsOf(database, action);
  const names = await namesOf(database, action.partner, [...new Set(rows.map(({ instrument }) => instrument))]);
  const movements = groupByUser(rows, names);
  const old = oldInstrumentOf([...movements.values()].map((own) => ({ movements: own })));
  const before = old === null ? NO_HOLDINGS : await holdingsBefore(database, action, old);
  const userIds = [...new Set([...movements.keys(), ...before.known.keys()])];
  return {
    holders: userIds.map((userId) => holderOf(userId, movements, before)),
    before: before.known,
    lastPositions: new Map([...movements].map(([userId, own]) => [userId, own.at(-1)?.position ?? 0n])),
    movements,
    aliased: new Set(names.values()),
    firstCreditedAt: earliest(movements),
  };
}

function holderOf(
  userId: string,
  movements: ReadonlyMap<string, readonly LedgerMovement[]>,
  { known, missingOf }: HoldingsBefore,
): HolderSet {
  const before = known.get(userId) ?? null;
  return { userId, movements: movements.get(userId) ?? [], before, missingHolding: missingOf(userId) };
}

interface MovementRow {
  readonly position: string;
  readonly userId: string;
  readonly transactionId: string;
  readonly instrument: string;
  readonly amount: string;
  readonly type: string;
  readonly direction: string | null;
  readonly assetGroup: string | null;
  readonly creditedAt: string;
  readonly paid: string | null;
  readonly contradictedBy: string | null;
}

/** Movements that count: a reversed one and its reversal are left out together, and so are those of 0. */
async function movementsOf(
  database: Database,
  { partner, id }: CorporateActionKey,
  userIds: readonly string[] | null = null,
): Promise<readonly MovementRow[]> {
  const rows = await sql<MovementRow>`
    SELECT m.position, m.user_id AS "userId", m.transaction_id AS "transactionId", m.instrument,
      trim_scale(m.amount)::text AS amount, m.type, m.direction, m.asset_group AS "assetGroup", ${creditedAtText} AS "creditedAt", ${paidText} AS paid,
      (SELECT c.found FROM contradictions c WHERE c.partner = m.partner AND c.transaction_id = m.transaction_id
        AND c.leg = m.leg ORDER BY c.at, c.delivery_id LIMIT 1) AS "contradictedBy"
    FROM movements m LEFT JOIN obligations o ON o.movement = m.position
    WHERE m.partner = ${partner} AND m.corporate_action_id = ${id} AND m.reverses IS NULL AND m.amount <> 0
      AND ${isAmong(sql.ref('m.user_id'), userIds)}
      AND NOT EXISTS (SELECT FROM movements r WHERE r.reverses = m.position)
    ORDER BY m.user_id, m.position`.execute(database);
  return rows.rows;
}

/** Names by UUID of the given instruments, by either name. */
async function namesOf(
  database: Database,
  partner: Partner,
  instruments: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (instruments.length === 0) return new Map();
  const rows = await sql<{ integer: string; uuid: string }>`
    SELECT integer_instrument AS integer, uuid_instrument AS uuid FROM aliases WHERE partner = ${partner}
      AND (integer_instrument = ANY (${[...instruments]}::text[]) OR uuid_instrument = ANY (${[...instruments]}::text[]))`.execute(
    database,
  );
  return new Map(
    rows.rows.flatMap(({ integer, uuid }) => [
      [integer, uuid],
      [uuid, uuid],
    ]),
  );
}

function groupByUser(
  rows: readonly MovementRow[],
  names: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly LedgerMovement[]> {
  const groups = new Map<string, LedgerMovement[]>();
  for (const row of rows) {
    const movement = {
      ...row,
      position: BigInt(row.position),
      instrument: names.get(row.instrument) ?? row.instrument,
    };
    const group = groups.get(row.userId);
    if (group === undefined) groups.set(row.userId, [movement]);
    else group.push(movement);
  }
  return groups;
}

/** Some holders of a corporate action as the ledger shows them. */
export interface SomeHolders {
  readonly holders: readonly HolderSet[];
  readonly movements: ReadonlyMap<string, readonly LedgerMovement[]>;
  readonly aliased: ReadonlySet<string>;
}

/** Some holders of a corporate action, with every instrument under the one name that its aliases give. */
export async function loadHolders(
  database: Database,
  action: CorporateActionKey,
  userIds: readonly string[],
  { old, startedAt }: { readonly old: string | null; readonly startedAt: string | null },
): Promise<SomeHolders> {
  const rows = await movementsOf(database, action, userIds);
  const names = await namesOf(database, action.partner, [...new Set(rows.map(({ instrument }) => instrument))]);
  const movements = groupByUser(rows, names);
  const before = old === null ? NO_HOLDINGS : await holdingsBefore(database, action, old, { userIds, startedAt });
  return {
    holders: userIds.map((userId) => holderOf(userId, movements, before)),
    movements,
    aliased: new Set(names.values()),
  };
}

function earliest(groups: ReadonlyMap<string, readonly LedgerMovement[]>): string | null {
  let first: string | null = null;
  for (const movements of groups.values())
    for (const { creditedAt } of movements) if (first === null || creditedAt < first) first = creditedAt;
  return first;
}

/** Movements of one user in a corporate action, with resolved instruments, in the order of booking. */
export async function loadSetMovements(
  database: Database,
  action: CorporateActionKey,
  userId: string,
): Promise<readonly LedgerMovement[]> {
  const rows = await movementsOf(database, action, [userId]);
  const names = await namesOf(database, action.partner, [...new Set(rows.map(({ instrument }) => instrument))]);
  return groupByUser(rows, names).get(userId) ?? [];
}

/** Sets of a corporate action as they were last judged, by user. */
export async function loadSets(
  database: Database,
  { partner, id }: CorporateActionKey,
): Promise<ReadonlyMap<string, StoredSet>> {
  const rows = await database
    .selectFrom('transaction_sets')
    .select([
      'user_id',
      'verdict',
      'breaks',
      'unverified',
      'held_events',
      'before',
      'expected_new',
      'judged_through',
      'resolution',
      'unreachable',
      'version',
      'followed_by',
    ])
    .where('partner', '=', partner)
    .where('corporate_action_id', '=', id)
    .execute();
  return new Map(
    rows.map((row) => [
      row.user_id,
      {
        userId: row.user_id,
        verdict: row.verdict,
        breaks: row.breaks,
        unverified: row.unverified,
        heldEvents: row.held_events,
        before: row.before,
        expectedNew: row.expected_new,
        judgedThrough: BigInt(row.judged_through),
        resolution: row.resolution,
        unreachable: row.unreachable,
        version: row.version,
        followedBy: row.followed_by,
      },
    ]),
  );
}
