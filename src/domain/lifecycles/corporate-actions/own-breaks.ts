import type { Break, BreakKind, Leg, SetMovement } from './corporate-action';
import type { Legs } from './legs';
import { isFiat, isNegative } from './old-instrument';

/** A break at a movement, or at one that is not there. */
export interface FoundBreak extends Break {
  /** The partner's id of the movement; null where none is there. */
  readonly transactionId: string | null;
}

/** The breaks that a set shows by itself, whatever other holders received; `type` is the one by whose rules it is judged. */
export function ownBreaks(
  movements: readonly SetMovement[],
  { takenTooMuch }: Legs,
  old: string | null,
  type: string | null,
): readonly FoundBreak[] {
  return [
    ...movements.flatMap((movement) => contradicted(movement, old)),
    // Money has no direction of its own: the one beside it speaks of the share.
    ...movements.filter((movement) => !isFiat(movement)).flatMap((movement) => wrongSign(movement, old)),
    ...takenTooMuch.map((one) => breakAt('wrong-sign', one, 'fiat')),
    ...mixedTypes(movements, old, type),
  ];
}

function contradicted(movement: SetMovement, old: string | null): readonly FoundBreak[] {
  const { contradictedBy, amount } = movement;
  if (contradictedBy === null) return [];
  const leg = legOf(movement, old);
  return [{ ...breakAt('contradicting-repeat', movement, leg, amount), found: contradictedBy }];
}

const SIGNS: Readonly<Record<string, boolean>> = { outgoing: true, incoming: false };

function wrongSign(movement: SetMovement, old: string | null): readonly FoundBreak[] {
  const { direction } = movement;
  const expected = direction !== null && Object.hasOwn(SIGNS, direction) ? SIGNS[direction] : undefined;
  const isRight = expected === undefined || expected === isNegative(movement);
  return isRight ? [] : [breakAt('wrong-sign', movement, legOf(movement, old), direction)];
}

/** A movement that says another type than its corporate action, or, where nobody knows that one, than its own set. */
function mixedTypes(movements: readonly SetMovement[], old: string | null, type: string | null): readonly FoundBreak[] {
  const types = [...new Set(movements.map((one) => one.type))].sort();
  const expected = type ?? types[0] ?? null;
  const other = movements.find((one) => one.type !== expected);
  if (other === undefined) return [];
  return [{ ...breakAt('mixed-types', other, legOf(other, old), expected), found: other.type }];
}

/** A movement that does not belong to what the others of its set, or other holders', move. */
export function mixed(movement: SetMovement, leg: Leg, expected: string | null): FoundBreak {
  return { ...breakAt('mixed-instruments', movement, leg, expected), found: movement.instrument };
}

/** The breaks of every movement after the first one of the same instrument and sign. */
export function surplus(movements: readonly SetMovement[], old: string | null): readonly FoundBreak[] {
  const seen = new Set<string>();
  return movements.flatMap((movement) => {
    const key = `${movement.instrument} ${String(isNegative(movement))}`;
    if (seen.has(key)) return [breakAt('surplus-leg', movement, legOf(movement, old))];
    seen.add(key);
    return [];
  });
}

/** The part of a set that a movement is; `old` is the instrument that most holders give away. */
export function legOf(movement: SetMovement, old: string | null): Leg {
  if (isFiat(movement)) return 'fiat';
  if (isNegative(movement)) return 'old-out';
  return movement.instrument === old ? 'old-in' : 'new-in';
}

/** A break at a movement that is there. */
export function breakAt(kind: BreakKind, movement: SetMovement, leg: Leg, expected: string | null = null): FoundBreak {
  const { transactionId, instrument, amount } = movement;
  return { kind, leg, instrument, expected, found: amount, transactionId };
}

/** A leg that should be there and is not. */
export function missing(leg: Leg, instrument: string | null, expected: string | null = null): FoundBreak {
  return { kind: 'missing-leg', leg, instrument, expected, found: null, transactionId: null };
}
