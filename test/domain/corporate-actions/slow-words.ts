import { type Fraction, fraction } from './fractions';
import type { HoldingPart } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { slowMoney } from './slow-legs';

/** What the ledger holds of one `ca_id`, in words of its own: this file shares nothing with the code it is held against. */
export interface LedgerMovement {
  readonly transactionId: string;
  /** `asset:<id>` or `fiat:<id>`. */
  readonly instrument: string;
  /** Signed decimal, never 0. */
  readonly amount: string;
  readonly type: string;
  /** ISO 8601 UTC. */
  readonly creditedAt: string;
  readonly direction: string | null;
  readonly assetGroup: string | null;
  readonly contradictedBy: string | null;
}

/** All movements of one user under the `ca_id`. */
export interface LedgerHolder {
  readonly userId: string;
  readonly movements: readonly LedgerMovement[];
  /** What was held of the old instrument before; null while unknown. */
  readonly before: string | null;
  /** The parts that are missing where it is not known; absent: an opening. */
  readonly missingHolding?: readonly HoldingPart[];
}

/** Everything that is known of one `ca_id`. */
export interface LedgerView {
  readonly holders: readonly LedgerHolder[];
  /** The smallest amount by asset group; `*` for every other one. */
  readonly precisions: Readonly<Record<string, string>>;
}

/** A break by its kind; only a missing leg says which one, and only the new share's breaks say which instrument. */
export interface Mismatch {
  readonly kind: string;
  readonly leg: string | null;
  readonly instrument: string | null;
}

/** What is decided of one set; breaks only with the verdict `break`. */
export interface Answer {
  readonly verdict: string;
  readonly breaks: readonly Mismatch[];
}

/** Money, and no share. */
export function isFiat(movement: LedgerMovement): boolean {
  return movement.instrument.startsWith('fiat:');
}

function isOut(movement: LedgerMovement): boolean {
  return movement.amount.startsWith('-');
}

/** What is left of an amount without its sign. */
export function size(movement: LedgerMovement): Fraction {
  const { top, bottom } = fraction(movement.amount);
  return { top: top < 0n ? -top : top, bottom };
}

/** The shares given away. */
export function out(movements: readonly LedgerMovement[]): readonly LedgerMovement[] {
  return movements.filter((one) => !isFiat(one) && isOut(one));
}

/** The shares received. */
export function into(movements: readonly LedgerMovement[]): readonly LedgerMovement[] {
  return movements.filter((one) => !isFiat(one) && !isOut(one));
}

/** A break by its kind, and by what names it. */
export function mismatch(kind: string, leg: string | null = null, instrument: string | null = null): Mismatch {
  return { kind, leg, instrument };
}

/** A leg that should have come. */
export function missing(leg: string, instrument: string | null = null): Mismatch {
  return mismatch('missing-leg', leg, instrument);
}

/** Every word once. */
export function distinct(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

/** The word that most of the lists contain; null when none does, or two share the first place. */
export function mostCommon(lists: readonly (readonly string[])[]): string | null {
  const words = distinct(lists.flat());
  const count = (word: string): number => lists.filter((list) => list.includes(word)).length;
  const winners = words.filter((word) => words.every((other) => other === word || count(other) < count(word)));
  return winners[0] ?? null;
}

/** What is wrong with a set whatever else is known; `type` is what the `ca_id` is, null where its sets do not agree. */
export function ownMismatches({ movements }: LedgerHolder, type: string | null): readonly Mismatch[] {
  const contradicts = ({ direction, amount }: LedgerMovement): boolean =>
    (direction === 'incoming' && amount.startsWith('-')) || (direction === 'outgoing' && !amount.startsWith('-'));
  const said = distinct(movements.map((one) => one.type));
  const isMixed = said.length > 1 || (type !== null && said.some((other) => other !== type));
  return [
    ...movements.filter(({ contradictedBy }) => contradictedBy !== null).map(() => mismatch('contradicting-repeat')),
    // Money has no direction of its own: the one beside it speaks of the share.
    ...movements.filter((one) => !isFiat(one) && contradicts(one)).map(() => mismatch('wrong-sign')),
    ...slowMoney(movements).tooMuch.map(() => mismatch('wrong-sign')),
    ...(isMixed ? [mismatch('mixed-types')] : []),
  ];
}

/** One for every movement after the first of one instrument and sign. */
export function surplusLegs(movements: readonly LedgerMovement[]): readonly Mismatch[] {
  return [movements.filter(isOut), movements.filter((one) => !isOut(one))].flatMap((side) =>
    side
      .filter((one, index) => side.findIndex(({ instrument }) => instrument === one.instrument) < index)
      .map(() => mismatch('surplus-leg')),
  );
}

/** A break if there is any, else the other verdict. */
export function answered(breaks: readonly Mismatch[], otherwise: string): Answer {
  return { verdict: breaks.length > 0 ? 'break' : otherwise, breaks };
}

/** A break before what is not known, and that before what is good. */
export function together(answers: readonly Answer[]): Answer {
  const has = (verdict: string): boolean => answers.some((one) => one.verdict === verdict);
  const strongestFirst = ['unverified', 'old-share-sold', 'new-share-too-small'];
  return answered(
    answers.flatMap(({ breaks }) => breaks),
    strongestFirst.find(has) ?? 'complete',
  );
}
