import type { Break, BreakKind, Leg, SetMovement } from './corporate-action';
import { isFiat, isNegative } from './old-instrument';

/** The breaks that a set shows by itself, whatever other holders received; `type` is the one by whose rules it is judged. */
export function ownBreaks(
  movements: readonly SetMovement[],
  old: string | null,
  type: string | null,
): readonly Break[] {
  return [
    ...movements.flatMap((movement) => contradicted(movement, old)),
    // Money has no direction of its own: the one beside it speaks of the share.
    ...movements.filter((movement) => !isFiat(movement)).flatMap((movement) => wrongSign(movement, old)),
    ...mixedTypes(movements, old, type),
  ];
}

function contradicted(movement: SetMovement, old: string | null): readonly Break[] {
  const { contradictedBy, instrument, amount } = movement;
  if (contradictedBy === null) return [];
  const leg = legOf(movement, old);
  return [{ kind: 'contradicting-repeat', leg, instrument, expected: amount, found: contradictedBy }];
}

const SIGNS: Readonly<Record<string, boolean>> = { outgoing: true, incoming: false };

function wrongSign(movement: SetMovement, old: string | null): readonly Break[] {
  const { direction } = movement;
  const expected = direction !== null && Object.hasOwn(SIGNS, direction) ? SIGNS[direction] : undefined;
  const isRight = expected === undefined || expected === isNegative(movement);
  return isRight ? [] : [breakAt('wrong-sign', movement, legOf(movement, old), direction)];
}

/** A movement that says another type than its corporate action, or, where nobody knows that one, than its own set. */
function mixedTypes(movements: readonly SetMovement[], old: string | null, type: string | null): readonly Break[] {
  const types = [...new Set(movements.map((one) => one.type))].sort();
  const expected = type ?? types[0] ?? null;
  const other = movements.find((one) => one.type !== expected);
  if (other === undefined) return [];
  return [{ kind: 'mixed-types', leg: legOf(other, old), instrument: other.instrument, expected, found: other.type }];
}

/** The breaks of every movement after the first one of the same instrument and sign. */
export function surplus(movements: readonly SetMovement[], old: string | null): readonly Break[] {
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
export function breakAt(kind: BreakKind, movement: SetMovement, leg: Leg, expected: string | null = null): Break {
  return { kind, leg, instrument: movement.instrument, expected, found: movement.amount };
}

/** A leg that should be there and is not. */
export function missing(leg: Leg, instrument: string | null, expected: string | null = null): Break {
  return { kind: 'missing-leg', leg, instrument, expected, found: null };
}
