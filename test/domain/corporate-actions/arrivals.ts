import type { Claim } from '../../../src/domain/lifecycles/corporate-actions/claims';
import type { HolderSet } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import {
  agreementsOfCounts,
  type Counts,
  NO_COUNTS,
  type SetCount,
  setCountOf,
  withChanges,
} from '../../../src/domain/lifecycles/corporate-actions/counts';
import { type Conclusions, judgeHolder, unitsOf } from '../../../src/domain/lifecycles/corporate-actions/judge';
import { consensusOf } from '../../../src/domain/lifecycles/corporate-actions/ratio';
import { groundOf, wordsOfGround } from '../../../src/domain/lifecycles/corporate-actions/set-facts';
import type { Generated } from './generated';
import type { Random } from './random';
import type { LedgerMovement } from './slow-words';
import { heldBy, NOTHING_TOLD, type ToldHolding, type ToldTrade } from './told-holdings';

/** One thing that becomes known of a holder. */
type Arrival = { readonly userId: string } & (
  { readonly movement: LedgerMovement } | { readonly trade: ToldTrade } | { readonly told: Partial<ToldHolding> }
);

/** Everything that ever comes of a corporate action, in any order: a trade may come before or after our word that all is told. */
export function arrivalsOf({ view, told }: Generated, random: Random): readonly Arrival[] {
  const movements = view.holders.flatMap(({ userId, movements }) =>
    movements.map((movement): Arrival => ({ userId, movement })),
  );
  const holdings = [...told].flatMap(([userId, { opening, trades, isComplete }]): Arrival[] => [
    ...trades.map((trade) => ({ userId, trade })),
    { userId, told: { opening } },
    { userId, told: { isComplete } },
  ]);
  return random.shuffled([...movements, ...holdings]);
}

/** A corporate action while things of it arrive. It is counted as rounds of judging count it: what changed, on what was counted. */
export interface Arriving {
  readonly arrive: (arrivals: readonly Arrival[]) => void;
  /** The holders as they are known now. */
  readonly holders: () => readonly HolderSet[];
  /** All by which each of them is judged. */
  readonly conclusions: () => Conclusions;
}

/** A corporate action of which nothing arrived yet. */
export function createArriving(precisions: Generated['view']['precisions']): Arriving {
  const basis = { aliased: new Set<string>(), unitOf: unitsOf(precisions) };
  const movements = new Map<string, readonly LedgerMovement[]>();
  const told = new Map<string, ToldHolding>();
  const counted = new Map<string, SetCount>();
  let counts = NO_COUNTS;
  const holderOf = (userId: string): HolderSet => ({
    ...{ userId, movements: movements.get(userId) ?? [], ...heldBy(told.get(userId) ?? NOTHING_TOLD) },
  });
  const count = (userIds: Iterable<string>, hadSameGround: boolean): void => {
    const changes = [...userIds].map((userId) => {
      const after = setCountOf(holderOf(userId), { ...basis, ground: counts.ground });
      const before = counted.get(userId) ?? null;
      counted.set(userId, after);
      return { before, hadSameGround, after };
    });
    counts = withChanges(counts, changes);
  };
  return {
    arrive(arrivals) {
      for (const one of arrivals) {
        const { userId } = one;
        const known = told.get(userId) ?? NOTHING_TOLD;
        if ('movement' in one) movements.set(userId, [...(movements.get(userId) ?? []), one.movement]);
        else if ('trade' in one) told.set(userId, { ...known, trades: [...known.trades, one.trade] });
        else told.set(userId, { ...known, ...one.told });
      }
      count(new Set(arrivals.flatMap((one) => ('movement' in one ? one.userId : []))), true);
      const ground = groundOf(counts.facts);
      if (wordsOfGround(ground) === wordsOfGround(counts.ground)) return;
      counts = { ...counts, ground, instruments: new Map() };
      count(movements.keys(), false);
    },
    holders: () => [...new Set([...movements.keys(), ...told.keys()])].map(holderOf),
    conclusions: () => {
      const claims = [...counted.values()].flatMap((one) => one.claims);
      return { ...basis, ground: counts.ground, agreements: agreementsOfCounts(swept(counts, claims)) };
    },
  };
}

/** The counts, with the agreement of all votes where they have to be looked at together. */
function swept(counts: Counts, claims: readonly Claim[]): Counts {
  const instruments = [...counts.instruments].map(([instrument, { units, consensus }]) => {
    const votes = claims.flatMap((claim) => (claim.instrument === instrument ? (claim.vote ?? []) : []));
    return [instrument, { units, consensus: consensus ?? consensusOf(votes) }] as const;
  });
  return { ...counts, instruments: new Map(instruments) };
}

/** The judgements, by user, of what has arrived. */
export function judgedBy(arriving: Arriving) {
  const conclusions = arriving.conclusions();
  return new Map(
    arriving.holders().flatMap((holder) => {
      const judgement = judgeHolder(conclusions, holder);
      return judgement === null ? [] : [[holder.userId, judgement] as const];
    }),
  );
}
