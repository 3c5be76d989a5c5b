import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';

import { canonicalId } from '../../domain/canonical-id';
import type { Bounds, Break, Leg, Unknown, Verdict } from '../../domain/lifecycles/corporate-actions/corporate-action';
import { mostCounted } from '../../domain/lifecycles/corporate-actions/old-instrument';
import { legOf } from '../../domain/lifecycles/corporate-actions/own-breaks';
import type { Resolution } from '../../domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../domain/partner';
import { keyOf, keyPageOf } from '../key-pagination';
import type { CorporateActionsTable } from '../schema/ledger-tables';
import { mostAgreedOn, ratioItem, type RatioItem } from './ratio-items';
import { LARGEST_PAGE, type PageRequest } from '../pagination';
import type { Tables } from '../schema/tables';

/** Movement of a set; a reversing one is listed under the leg it reverses, with the opposite sign. */
export interface HolderMovement {
  readonly transactionId: string;
  readonly leg: Leg;
  readonly instrument: string;
  readonly amount: string;
  /** ISO 8601 UTC. */
  readonly creditedAt: string;
  /** Delivery that brought it; null where an operator booked it. */
  readonly deliveryId: string | null;
  readonly recovered: boolean;
}

/** Set of one user in a corporate action. */
export interface HolderItem {
  readonly userId: string;
  /** Verdict; null until the set's quiet period has ended. */
  readonly verdict: Verdict | null;
  /** Holding of the old instrument before; null while it is not known. */
  readonly before: string | null;
  /** Open interval of the new instrument on which most sets agree; null while nothing can be concluded. */
  readonly expectedNew: Bounds | null;
  readonly breaks: readonly Break[];
  /** Things that are not known; empty unless the verdict is `unverified`. */
  readonly unverified: readonly Unknown[];
  readonly movements: readonly HolderMovement[];
  readonly resolution: Resolution | null;
}

/** Corporate action with a page of its holders, by user. */
export interface CorporateActionDetail {
  readonly caId: string;
  readonly type: string;
  readonly oldInstrument: string | null;
  readonly newInstruments: readonly string[];
  /** Ratio of the new instrument on which most sets agree; null while nothing is proved. */
  readonly ratio: Bounds | null;
  /** Sets that prove something about this instrument. */
  readonly completeSets: number;
  /** Sets among them that agree. */
  readonly agreeingSets: number;
  /** Ratios, one for each new instrument. */
  readonly ratios: readonly RatioItem[];
  readonly holders: readonly HolderItem[];
  readonly next: string | null;
}

/** Number of values in a cursor: the user it stands behind. */
export const HOLDER_KEY_WORDS = 1;

/**
 * Corporate action with a page of its holders, read in one snapshot: a verdict is shown beside the movements it was
 * given for. Null for an id that is not known.
 */
export async function loadCorporateAction(
  database: Kysely<Tables>,
  caId: string,
  page: PageRequest,
): Promise<CorporateActionDetail | null> {
  // PostgreSQL refuses a text with a NUL; no id of a partner holds one.
  if (caId.includes('\0')) return null;
  return database
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((transaction) => load(transaction, caId, page));
}

type Database = Kysely<Tables> | Transaction<Tables>;

async function load(database: Database, caId: string, page: PageRequest): Promise<CorporateActionDetail | null> {
  const row = await database
    .selectFrom('corporate_actions')
    .selectAll()
    .where('id', '=', canonicalId(caId))
    .orderBy('partner')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return null;
  const sets = await setsOf(database, row, page);
  const shown = sets.slice(0, page.limit).map(({ userId }) => userId);
  const movements = await movementsOf(database, row, shown);
  const givenAway = await givenAwayOf(database, row);
  const resolve = await resolver(database, row.partner, [
    ...(row.old_instrument === null ? [] : [row.old_instrument]),
    ...givenAway.map(({ instrument }) => instrument),
    ...[...row.new_instruments, ...row.ratios.map(({ instrument }) => instrument)],
    ...sets.flatMap(({ breaks }) => breaks.flatMap(({ instrument }) => instrument ?? [])),
    ...sets.flatMap(({ expectedNew }) => Object.keys(expectedNew)),
    ...sets.flatMap(({ unverified }) => unverified.flatMap(({ missing }) => missing)),
    ...movements.map(({ instrument }) => instrument),
  ]);
  const old =
    row.old_instrument ?? mostCounted(givenAway.map(({ instrument, holders }) => [resolve(instrument), holders]));
  const { header, main } = headerOf(row, old, resolve);
  const byUser = groupByUser(movements);
  const { items, next } = keyPageOf(
    sets,
    page.limit,
    ({ userId }) => [userId],
    (set) => {
      const own = (byUser.get(set.userId) ?? []).map((one) => movementOf(one, header.oldInstrument, resolve));
      return holderOf(set, own, main, resolve);
    },
  );
  return { ...header, holders: items, next };
}

type Action = Pick<Selectable<CorporateActionsTable>, 'partner' | 'id'>;

interface SetRow {
  readonly userId: string;
  readonly verdict: Verdict | null;
  readonly before: string | null;
  readonly expectedNew: Readonly<Record<string, Bounds>>;
  readonly breaks: readonly Break[];
  readonly unverified: readonly Unknown[];
  readonly resolution: Resolution | null;
}

async function setsOf(database: Database, { partner, id }: Action, page: PageRequest): Promise<readonly SetRow[]> {
  const [behind = null] = keyOf(page.after ?? '', HOLDER_KEY_WORDS) ?? [];
  const { rows } = await sql<SetRow>`
    SELECT user_id AS "userId", verdict, trim_scale(before)::text AS before, expected_new AS "expectedNew", breaks,
      unverified, resolution
    FROM transaction_sets WHERE partner = ${partner} AND corporate_action_id = ${id}
      AND (${behind}::text IS NULL OR user_id > ${behind})
    ORDER BY user_id LIMIT ${page.limit + 1}`.execute(database);
  return rows;
}

interface MovementRow extends Omit<HolderMovement, 'leg' | 'creditedAt'> {
  readonly userId: string;
  readonly creditedAt: Date;
  readonly isReversing: boolean;
}

async function movementsOf(
  database: Database,
  { partner, id }: Action,
  userIds: readonly string[],
): Promise<readonly MovementRow[]> {
  const { rows } = await sql<MovementRow>`
    SELECT user_id AS "userId", transaction_id AS "transactionId", instrument, trim_scale(amount)::text AS amount,
      credited_at AS "creditedAt", delivery_id AS "deliveryId", recovered, reverses IS NOT NULL AS "isReversing"
    FROM movements WHERE partner = ${partner} AND corporate_action_id = ${id} AND user_id = ANY (${[...userIds]}::text[])
      AND amount <> 0 ORDER BY position`.execute(database);
  return rows;
}

interface GivenAway {
  readonly instrument: string;
  readonly holders: number;
}

/**
 * Instruments that holders have given away, while no set has been judged yet: a leg is known from its first movement
 * on.
 */
async function givenAwayOf(
  database: Database,
  { partner, id, old_instrument: old }: Selectable<CorporateActionsTable>,
): Promise<readonly GivenAway[]> {
  if (old !== null) return [];
  const { rows } = await sql<GivenAway>`
    SELECT instrument, count(DISTINCT user_id)::int AS holders FROM movements
    WHERE partner = ${partner} AND corporate_action_id = ${id} AND amount < 0 AND reverses IS NULL
      AND instrument NOT LIKE 'fiat:%'
    GROUP BY instrument`.execute(database);
  return rows;
}

/** Name of an instrument by UUID where one is known, else its own name. */
type Resolve = (instrument: string) => string;

async function resolver(database: Database, partner: Partner, instruments: readonly string[]): Promise<Resolve> {
  const { rows } = await sql<{ readonly integer: string; readonly uuid: string }>`
    SELECT integer_instrument AS integer, uuid_instrument AS uuid FROM aliases
    WHERE partner = ${partner} AND integer_instrument = ANY (${[...new Set(instruments)]}::text[])`.execute(database);
  const names = new Map(rows.map(({ integer, uuid }) => [integer, uuid]));
  return (instrument) => names.get(instrument) ?? instrument;
}

type Header = Omit<CorporateActionDetail, 'holders' | 'next'>;

/** Header, and the new instrument whose ratio and expectation it shows. */
interface Headed {
  readonly header: Header;
  readonly main: string | null;
}

function headerOf(row: Selectable<CorporateActionsTable>, old: string | null, resolve: Resolve): Headed {
  const newInstruments = [...new Set(row.new_instruments.map(resolve))];
  const ratios = row.ratios.map((one) => ({ ...one, instrument: resolve(one.instrument) }));
  const main = mostAgreedOn(ratios);
  const header = {
    caId: row.id,
    type: row.type,
    oldInstrument: old === null ? null : resolve(old),
    newInstruments,
    ratio: main?.ratio ?? null,
    completeSets: main?.completeSets ?? 0,
    agreeingSets: main?.agreeingSets ?? 0,
    ratios: ratios.map(ratioItem),
  };
  return { header, main: main?.instrument ?? null };
}

function groupByUser(rows: readonly MovementRow[]): ReadonlyMap<string, readonly MovementRow[]> {
  const groups = new Map<string, MovementRow[]>();
  for (const row of rows) {
    const group = groups.get(row.userId);
    if (group === undefined) groups.set(row.userId, [row]);
    else group.push(row);
  }
  return groups;
}

/** Fields of a movement that do not show which leg it is. */
const OTHER_FIELDS = { type: '', direction: null, assetGroup: null, contradictedBy: null, creditedAt: '' } as const;

function movementOf(row: MovementRow, old: string | null, resolve: Resolve): HolderMovement {
  const { transactionId, amount, creditedAt, deliveryId, recovered, isReversing } = row;
  const instrument = resolve(row.instrument);
  const original = { ...OTHER_FIELDS, transactionId, instrument, amount: isReversing ? opposite(amount) : amount };
  const leg = legOf(original, old);
  return { transactionId, leg, instrument, amount, creditedAt: creditedAt.toISOString(), deliveryId, recovered };
}

function opposite(amount: string): string {
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
}

function holderOf(
  { userId, verdict, before, expectedNew, breaks, unverified, resolution }: SetRow,
  movements: readonly HolderMovement[],
  main: string | null,
  resolve: Resolve,
): HolderItem {
  const expected = Object.entries(expectedNew).find(([instrument]) => resolve(instrument) === main);
  return {
    userId,
    verdict,
    before,
    expectedNew: expected?.[1] ?? null,
    breaks: breaks.map((one) => ({ ...one, instrument: one.instrument === null ? null : resolve(one.instrument) })),
    unverified: unverified.map(({ reason, missing }) => ({ reason, missing: missing.map(resolve) })),
    movements,
    resolution,
  };
}

/** Corporate action with all its holders; null for an id that is not known. */
export async function loadWholeCorporateAction(
  database: Kysely<Tables>,
  caId: string,
): Promise<CorporateActionDetail | null> {
  const first = await loadCorporateAction(database, caId, { limit: LARGEST_PAGE, after: null });
  if (first === null) return null;
  const holders = [...first.holders];
  let after = first.next;
  while (after !== null) {
    const page = await loadCorporateAction(database, caId, { limit: LARGEST_PAGE, after });
    holders.push(...(page?.holders ?? []));
    after = page?.next ?? null;
  }
  return { ...first, holders, next: null };
}
