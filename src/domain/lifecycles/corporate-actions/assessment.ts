import { type Bounds, GOOD_VERDICTS, type HolderSet, type Unknown, type Verdict } from './corporate-action';
import type { FoundBreak } from './own-breaks';

/** The verdict on a set, or on a part of it, by the rules of its type. */
export interface Part {
  readonly verdict: Verdict;
  readonly breaks: readonly FoundBreak[];
  /** The things that are not known, where the verdict is `unverified`. */
  readonly unknown: readonly Unknown[];
}

/** The verdict on a set by the rules of its type, with the new shares that it should have. */
export interface Assessment extends Part {
  readonly expectedNew: Readonly<Record<string, Bounds>>;
}

/** The part in which nothing is wrong. */
export const FINE: Part = { verdict: 'complete', breaks: [], unknown: [] };

/** A part that nobody can judge without something. */
export function unknownPart(reason: Unknown['reason'], missing: readonly string[] = []): Part {
  return { verdict: 'unverified', breaks: [], unknown: [{ reason, missing }] };
}

/** A part that only the holding before could decide. Of one below 0 the opening is wrong. */
export function holdingsNotKnown({ missingHolding = [] }: HolderSet): Part {
  return unknownPart('holdings not known', missingHolding.length === 0 ? ['opening'] : missingHolding);
}

/** A part with breaks; the one in which nothing is wrong where there are none. */
export function partOf(breaks: readonly FoundBreak[]): Part {
  return breaks.length > 0 ? { ...FINE, verdict: 'break', breaks } : FINE;
}

/** The assessment of all parts together: a break before what is not known, that before what is too small. */
export function together(parts: readonly Part[]): Part {
  const breaks = parts.flatMap((one) => one.breaks);
  if (breaks.length > 0) return partOf(breaks);
  const unknown = parts.flatMap((one) => one.unknown);
  const has = (verdict: Verdict): boolean => parts.some((one) => one.verdict === verdict);
  if (has('unverified')) return { verdict: 'unverified', breaks, unknown: withoutRepeats(unknown) };
  const good = GOOD_VERDICTS.find((verdict) => verdict !== 'complete' && has(verdict)) ?? 'complete';
  return { ...FINE, verdict: good };
}

/** Each reason once, with all that is missing for it. */
function withoutRepeats(unknown: readonly Unknown[]): readonly Unknown[] {
  const reasons = [...new Set(unknown.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const missing = unknown.filter((one) => one.reason === reason).flatMap((one) => one.missing);
    return { reason, missing: [...new Set(missing)] };
  });
}
