import type { Selectable } from 'kysely';

import { Exact, plain } from '../../domain/lifecycles/corporate-actions/exact';
import type { OutgoingMessage } from '../../domain/outgoing';
import { textOf } from '../ledger/amounts';
import type { MovementsTable, ObligationsTable } from '../schema/ledger-tables';

/** Columns of a booked movement that its message is made of. */
export const MESSAGE_COLUMNS = [
  'position',
  'partner',
  'transaction_id',
  'leg',
  'workflow_id',
  'user_id',
  'instrument',
  'amount',
  'credited_at',
  'type',
  'corporate_action_id',
  'is_obligation',
  'fee',
  'reverses',
  'booked_at',
] as const;

/** Movement that was booked just now. */
export type BookedRow = Pick<Selectable<MovementsTable>, (typeof MESSAGE_COLUMNS)[number]>;

/** Obligation that came with a movement. */
export type OwedRow = Pick<Selectable<ObligationsTable>, 'id' | 'movement' | 'since' | 'due_at'>;

/**
 * Messages about movements in the order of their booking, each before that of the obligation it brings. A movement of
 * 0 books nothing and has no message, and so has an obligation that is taken back already; `lessened` says how much of
 * it is, by movement.
 */
export function bookingMessages(
  rows: readonly BookedRow[],
  owed: readonly OwedRow[],
  lessened: ReadonlyMap<string, string> = new Map(),
): readonly OutgoingMessage[] {
  const obligations = new Map(owed.map((one) => [one.movement, one]));
  const inOrder = [...rows].sort((a, b) => (BigInt(a.position) < BigInt(b.position) ? -1 : 1));
  return inOrder
    .filter(({ amount }) => textOf(amount) !== '0')
    .flatMap((row) => {
      const obligation = obligations.get(row.position);
      const amount = plain(new Exact(row.amount).minus(lessened.get(row.position) ?? 0));
      const isOwed = obligation !== undefined && amount !== '0';
      return [movementMessage(row), ...(isOwed ? [obligationMessage({ ...row, amount }, obligation)] : [])];
    });
}

function movementMessage(row: BookedRow): OutgoingMessage {
  const { transaction_id: transactionId, leg, fee } = row;
  return {
    type: 'movement.booked',
    subject: row.workflow_id,
    key: `movement.booked:${transactionId}:${leg}`,
    at: row.booked_at.toISOString(),
    data: {
      ...aboutOf(row),
      type: row.type,
      isObligation: row.is_obligation,
      fee: textOf(fee),
      creditedAt: row.credited_at.toISOString(),
      bookedAt: row.booked_at.toISOString(),
      reversal: row.reverses !== null,
    },
  };
}

function aboutOf(row: BookedRow): Readonly<Record<string, unknown>> {
  return {
    workflowId: row.workflow_id,
    partner: row.partner,
    transactionId: row.transaction_id,
    leg: row.leg,
    userId: row.user_id,
    caId: row.corporate_action_id,
    instrument: row.instrument,
    amount: textOf(row.amount),
  };
}

function obligationMessage(row: BookedRow, { id, since, due_at }: OwedRow): OutgoingMessage {
  return {
    type: 'obligation.due',
    subject: row.workflow_id,
    key: `obligation.due:${row.transaction_id}:${row.leg}`,
    at: since.toISOString(),
    data: { ...aboutOf(row), obligationId: id, since: since.toISOString(), dueAt: due_at.toISOString() },
  };
}
