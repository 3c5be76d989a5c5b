import type { HolderSet, SetMovement } from './corporate-action';
import { Exact } from './exact';
import { stylesOf } from './id-styles';
import { mostFrequent } from './old-instrument';
import { ownBreaks } from './own-breaks';
import { consensusOf, type RatioConsensus, type RatioInterval } from './ratio';
import type { Ground } from './set-facts';
import { type Exchange, exchangeOf, provedBy } from './share-exchange';

/** The claim of a set about one new instrument: that it is one, and, where the set is complete in itself, a vote on its ratio. */
export interface Claim {
  readonly instrument: string;
  /** The smallest amount of it that the partner books. */
  readonly unit: Exact;
  /** Null where the set proves nothing. */
  readonly vote: RatioInterval | null;
}

/** The facts that are the same for every set of a corporate action when it is judged. */
export interface Basis {
  readonly ground: Ground;
  readonly aliased: ReadonlySet<string>;
  readonly unitOf: (movement: SetMovement | undefined) => Exact;
}

/** The claims of a set, one for each instrument that it receives for the old one. */
export function claimsOf(holder: HolderSet, basis: Basis): readonly Claim[] {
  const exchange = exchangeOfSet(holder, basis);
  if (exchange === null) return [];
  const { unitOf, ground } = basis;
  const hasOwnBreaks = ownBreaks(holder.movements, ground.old, typeOfSet(holder, ground)).length > 0;
  const votes = provedBy(exchange, hasOwnBreaks, unitOf);
  return [...exchange.received].map(([instrument, share]) => ({
    instrument,
    unit: unitOf(share),
    vote: votes.get(instrument) ?? null,
  }));
}

/** The parts of a set that exchanges shares; null for another type, or where its shares are not known for sure. */
export function exchangeOfSet(holder: HolderSet, basis: Basis): Exchange | null {
  const { old } = basis.ground;
  const keepsOld = KEEPS_OLD.get(typeOfSet(holder, basis.ground));
  if (keepsOld === undefined || old === null || isUnresolved(holder, basis)) return null;
  return exchangeOf(holder.movements, old, keepsOld);
}

/** The types that exchange shares, and whether the old one comes back. */
const KEEPS_OLD: ReadonlyMap<string | null, boolean> = new Map([
  ['spin_off', true],
  ['merger_stock', false],
]);

/** The type by whose rules a set is judged. */
export function typeOfSet({ movements }: HolderSet, { type }: Ground): string | null {
  return type ?? mostFrequent(movements.map((one) => one.type));
}

/** True where a set's shares may be the same as other holders' under another kind of id. */
export function isUnresolved({ movements }: HolderSet, { ground, aliased }: Basis): boolean {
  return stylesOf(movements, aliased).some((style) => ground.rarerStyles.includes(style));
}

/** The agreement of all sets about one new instrument. */
export interface Agreement {
  readonly consensus: RatioConsensus;
  readonly unit: Exact;
}

/** The agreements that claims come to, by new instrument and in their order, whatever came first. */
export function agreementsOf(claims: readonly Claim[]): ReadonlyMap<string, Agreement> {
  const byInstrument = new Map<string, Claim[]>();
  for (const claim of claims) {
    const others = byInstrument.get(claim.instrument);
    if (others === undefined) byInstrument.set(claim.instrument, [claim]);
    else others.push(claim);
  }
  return new Map(
    [...byInstrument]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([instrument, own]) => [
        instrument,
        {
          consensus: consensusOf(own.flatMap(({ vote }) => vote ?? [])),
          unit: own.reduce((most, { unit }) => Exact.max(most, unit), new Exact(0)),
        },
      ]),
  );
}
