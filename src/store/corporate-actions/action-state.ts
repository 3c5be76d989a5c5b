import { sql, type Transaction } from 'kysely';

import { type Counts, countsFrom, NO_COUNTS, storedCounts } from '../../domain/lifecycles/corporate-actions/counts';
import { agreementsOfCounts } from '../../domain/lifecycles/corporate-actions/counts';
import { headingOf } from '../../domain/lifecycles/corporate-actions/judge';
import type { Tables } from '../schema/tables';
import type { CorporateActionKey } from './load';
import { momentText } from './start';

/** All that is kept of a corporate action as a whole from one round of judging to the next. */
export interface ActionState {
  readonly counts: Counts;
  /** Number of the ground on which claims are made. */
  readonly ground: number;
  /** Ground up to which every set was counted. */
  readonly completeGround: number;
  /** Number of the present conclusion. */
  readonly conclusion: number;
  readonly concludedFrom: string | null;
  /** Conclusion by which holders of whom nothing came were last looked for. */
  readonly missingConcluded: number;
  readonly firstCreditedAt: Date | null;
  /** Moment up to which holdings before are counted, ISO 8601 UTC to the microsecond; null while there is none. */
  readonly startedAt: string | null;
  readonly asked: 'reached' | 'unreachable' | null;
  readonly askedAt: Date | null;
}

/**
 * Lock that admits one judging of a corporate action at a time: two would write verdicts over each other from
 * different views.
 */
export async function lockAction(transaction: Transaction<Tables>, { partner, id }: CorporateActionKey): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`corporate-action:${partner}:${id}`}, 0))`.execute(
    transaction,
  );
}

/** State of a corporate action; null where nothing of it was ever booked. */
export async function loadActionState(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
): Promise<ActionState | null> {
  const row = await transaction
    .selectFrom('corporate_actions')
    .select(['counts', 'ground', 'complete_ground', 'conclusion', 'concluded_from', 'missing_concluded'])
    .select(['first_credited_at', 'asked', 'asked_at', momentText(sql.ref('started_at')).as('started_at')])
    .where('partner', '=', partner)
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    counts: row.counts === null ? NO_COUNTS : countsFrom(row.counts),
    ground: row.ground,
    completeGround: row.complete_ground,
    conclusion: row.conclusion,
    concludedFrom: row.concluded_from,
    missingConcluded: row.missing_concluded,
    firstCreditedAt: row.first_credited_at,
    startedAt: row.started_at,
    asked: row.asked,
    askedAt: row.asked_at,
  };
}

/** Write of the state, and of what people see of the corporate action as a whole. */
export async function saveActionState(
  transaction: Transaction<Tables>,
  { partner, id }: CorporateActionKey,
  state: ActionState,
): Promise<void> {
  const agreements = agreementsOfCounts(state.counts);
  const { type, oldInstrument, newInstruments, ratios } = headingOf({ ground: state.counts.ground, agreements });
  await sql`
    UPDATE corporate_actions SET counts = ${JSON.stringify(storedCounts(state.counts))}::jsonb, ground = ${state.ground},
      complete_ground = ${state.completeGround}, conclusion = ${state.conclusion},
      concluded_from = ${state.concludedFrom}, missing_concluded = ${state.missingConcluded},
      first_credited_at = ${state.firstCreditedAt}, started_at = ${state.startedAt}::timestamptz,
      type = coalesce(${type}, type), old_instrument = ${oldInstrument},
      new_instruments = ${[...newInstruments]}::text[], ratios = ${JSON.stringify(ratios)}::jsonb
    WHERE partner = ${partner} AND id = ${id}`.execute(transaction);
}
