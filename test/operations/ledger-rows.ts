import { randomUUID } from 'node:crypto';

import type { Kysely } from 'kysely';

import type {
  Bounds,
  Break,
  InstrumentRatio,
  Unknown,
  Verdict,
} from '../../src/domain/lifecycles/corporate-actions/corporate-action';
import type { Resolution } from '../../src/domain/lifecycles/corporate-actions/set-news';
import type { Partner } from '../../src/domain/partner';
import type { Tables } from '../../src/store/schema/tables';

export interface GivenMovement {
  readonly partner?: Partner;
  readonly transactionId?: string;
  readonly leg?: string;
  readonly user: string;
  readonly instrument: string;
  readonly amount: string;
  readonly creditedAt?: string;
  readonly caId?: string;
  readonly type?: string;
  readonly isObligation?: boolean;
  readonly recovered?: boolean;
  readonly direction?: string;
}

/** A movement's row as dispatch books it; answers its position and its event's id. */
export async function book(database: Kysely<Tables>, given: GivenMovement) {
  const transactionId = given.transactionId ?? randomUUID();
  const { position } = await database
    .insertInto('movements')
    .values({
      partner: given.partner ?? 'bitpanda',
      transaction_id: transactionId,
      leg: given.leg ?? given.instrument.split(':')[0] ?? '',
      workflow_id: 'bitpanda:transaction:1',
      user_id: given.user,
      instrument: given.instrument,
      amount: given.amount,
      credited_at: given.creditedAt ?? '2026-03-01T00:00:00Z',
      type: given.type ?? 'spin_off',
      direction: given.direction ?? null,
      corporate_action_id: given.caId ?? null,
      is_obligation: given.isObligation ?? false,
      delivery_id: randomUUID(),
      recovered: given.recovered ?? false,
    })
    .returning('position')
    .executeTakeFirstOrThrow();
  return { position, transactionId };
}

/** Money of a corporate action that is to be passed on; answers the obligation's id and its event's. */
export async function owe(database: Kysely<Tables>, given: Omit<GivenMovement, 'isObligation'>) {
  const { position, transactionId } = await book(database, { ...given, isObligation: true });
  const { id } = await database
    .insertInto('obligations')
    .values({
      movement: position,
      since: new Date('2026-03-02T00:00:00Z'),
      due_at: new Date('2026-03-05T00:00:00Z'),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id, transactionId };
}

/** What a user held at a moment, as an import writes it. */
export async function opened(
  database: Kysely<Tables>,
  user: string,
  instrument: string,
  amount: string,
  asOf: string,
  partner: Partner = 'bitpanda',
): Promise<void> {
  await database.insertInto('openings').values({ partner, user_id: user, instrument, amount, as_of: asOf }).execute();
}

/** A delivery that showed an instrument under both of its ids. */
export async function learned(database: Kysely<Tables>, integer: string, uuid: string): Promise<void> {
  await database
    .insertInto('alias_evidence')
    .values({
      partner: 'bitpanda',
      integer_instrument: integer,
      uuid_instrument: uuid,
      delivery_id: randomUUID(),
    })
    .execute();
}

export interface GivenAction {
  readonly caId: string;
  readonly type?: string;
  readonly old?: string | null;
  readonly fresh?: readonly string[];
  readonly ratios?: readonly InstrumentRatio[];
}

/** A corporate action's row as judging writes it. */
export async function announced(database: Kysely<Tables>, given: GivenAction): Promise<void> {
  await database
    .insertInto('corporate_actions')
    .values({
      partner: 'bitpanda',
      id: given.caId,
      type: given.type ?? 'spin_off',
      old_instrument: given.old ?? null,
      new_instruments: [...(given.fresh ?? [])],
      ratios: JSON.stringify(given.ratios ?? []),
    })
    .execute();
}

export interface GivenSet {
  readonly caId: string;
  readonly user: string;
  readonly verdict?: Verdict | null;
  readonly breaks?: readonly Break[];
  readonly before?: string | null;
  readonly expectedNew?: Readonly<Record<string, Bounds>>;
  readonly resolution?: Resolution;
  readonly judgedThrough?: string;
  readonly unverified?: readonly Unknown[];
  /** Absent: a process of 0.2.0 gave the verdict. */
  readonly heldEvents?: readonly string[];
}

/** A set's row as judging writes it; its flow has heard of it. */
export async function judged(database: Kysely<Tables>, given: GivenSet): Promise<void> {
  await database
    .insertInto('transaction_sets')
    .values({
      partner: 'bitpanda',
      corporate_action_id: given.caId,
      user_id: given.user,
      verdict: given.verdict ?? null,
      breaks: JSON.stringify(given.breaks ?? []),
      unverified: JSON.stringify(given.unverified ?? []),
      held_events: given.heldEvents === undefined ? null : [...given.heldEvents],
      before: given.before ?? null,
      expected_new: JSON.stringify(given.expectedNew ?? {}),
      resolution: given.resolution === undefined ? null : JSON.stringify(given.resolution),
      judged_through: given.judgedThrough ?? '1000000',
      version: 1,
      told_version: 1,
    })
    .execute();
}

/** Empties what a test filled. */
export async function emptyLedger(database: Kysely<Tables>): Promise<void> {
  for (const table of [
    ...(['obligations', 'movements', 'openings', 'alias_evidence', 'contradictions'] as const),
    ...(['own_trades', 'holdings_complete', 'kinds_given', 'action_news'] as const),
    ...(['transaction_sets', 'corporate_actions', 'alerts', 'alert_causes'] as const),
  ]) {
    await database.deleteFrom(table).execute();
  }
}
