import { HOLDING_PARTS, type HoldingPart } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { FIRST_CREDIT } from './generated';
import { DIGITS, decimal, type Random } from './random';

/** What is told of one holder's old share in the end; each part may be told at any time. */
export interface ToldHolding {
  readonly opening: { readonly amount: bigint; readonly asOf: string } | null;
  readonly trades: readonly ToldTrade[];
  /** Our word that all of it is complete reaches the corporate action. */
  readonly isComplete: boolean;
}

/** A trade of our own; `amount` in steps of 0.00000001. */
export interface ToldTrade {
  readonly amount: bigint;
  readonly tradedAt: string;
}

/** Nothing told. */
export const NOTHING_TOLD: ToldHolding = { opening: null, trades: [], isComplete: false };

const OPENED = '2026-01-01T00:00:00.000000Z';

/** In the order of time: before the opening, three that count, and one after the corporate action. */
const TRADED = ['2025-12-31T23:59:59.999999Z', OPENED, '2026-02-11T00:00:00.000000Z', FIRST_CREDIT] as const;
const AFTERWARDS = '2026-03-02T09:00:00.000001Z';

/** An opening and trades that come to a holding; where it is not known, without the parts that are missing. */
export function toldHolding(before: string | null, missing: readonly HoldingPart[], random: Random): ToldHolding {
  const trades = [...TRADED, AFTERWARDS]
    .filter(() => random.chance(0.4))
    .map((tradedAt) => ({
      tradedAt,
      amount: BigInt(random.whole(-900, 900)) * 10n ** BigInt(random.whole(0, DIGITS)),
    }));
  const opening = { amount: stepsOf(before ?? '7') - sumOf(trades.filter(isBetween)), asOf: OPENED };
  const isKnown = (part: HoldingPart): boolean => before !== null || !missing.includes(part);
  return { trades, opening: isKnown('opening') ? opening : null, isComplete: isKnown('complete-through') };
}

/** The holding before as what is told shows it, a decimal, and what is missing where it is not known. */
export function heldBy({ opening, trades, isComplete }: ToldHolding): {
  readonly before: string | null;
  readonly missingHolding: readonly HoldingPart[];
} {
  const missingHolding = HOLDING_PARTS.filter((part) => (part === 'opening' ? opening === null : !isComplete));
  if (opening === null || !isComplete) return { before: null, missingHolding };
  return { before: decimal(opening.amount + sumOf(trades.filter(isBetween))), missingHolding };
}

/** A trade of the moment of the opening, or of the corporate action, counts. */
function isBetween({ tradedAt }: ToldTrade): boolean {
  return tradedAt >= OPENED && tradedAt <= FIRST_CREDIT;
}

function sumOf(trades: readonly ToldTrade[]): bigint {
  return trades.reduce((sum, { amount }) => sum + amount, 0n);
}

function stepsOf(amount: string): bigint {
  const [whole = '0', digits = ''] = amount.split('.');
  return BigInt(`${whole}${digits.padEnd(DIGITS, '0')}`);
}
