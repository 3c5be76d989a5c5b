import type { HolderSet, SetMovement } from './corporate-action';
import { Exact } from './exact';
import { stylesOf } from './id-styles';
import { type Legs, legsOf } from './legs';
import { isNegative, mostFrequent } from './old-instrument';
import { ownBreaks } from './own-breaks';
import { consensusOf, type RatioConsensus, type RatioInterval, ratioIntervalOf } from './ratio';
import { type Ground, isSplit, KEEPS_OLD } from './set-facts';
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
  const set = typedSetOf(holder, basis.ground);
  if (isUnresolved(holder, basis)) return [];
  if (isSplit(set.type)) return claimsOfSplit(set, basis);
  const exchange = exchangeOfSet(set, basis);
  if (exchange === null) return [];
  const { unitOf } = basis;
  const votes = provedBy(exchange, hasOwnBreaks(set, basis), unitOf);
  return [...exchange.received].map(([instrument, share]) => ({
    instrument,
    unit: unitOf(share),
    vote: votes.get(instrument) ?? null,
  }));
}

/** A set with the type by whose rules it is judged, and its legs. */
export interface TypedSet {
  readonly movements: readonly SetMovement[];
  readonly type: string | null;
  readonly legs: Legs;
}

/** A set with the type by whose rules it is judged, and its legs. */
export function typedSetOf({ movements }: HolderSet, ground: Ground): TypedSet {
  const type = ground.type ?? mostFrequent(movements.map((one) => one.type));
  return { movements, type, legs: legsOf(movements, type, ground.old) };
}

/** True where a set's shares may be the same as other holders' under another kind of id. */
export function isUnresolved({ movements }: HolderSet, { ground, aliased }: Basis): boolean {
  return stylesOf(movements, aliased).some((style) => ground.rarerStyles.includes(style));
}

/** A split shows its ratio where a share goes and another number of it, or another share, comes. */
function claimsOfSplit(set: TypedSet, basis: Basis): readonly Claim[] {
  const [one, other, ...further] = set.legs.shares;
  if (one === undefined || other === undefined || further.length > 0 || isNegative(one) === isNegative(other))
    return [];
  const [out, gained] = isNegative(one) ? [one, other] : [other, one];
  const unit = basis.unitOf(gained);
  const isVote = set.legs.money.length === 0 && !hasOwnBreaks(set, basis);
  const vote = isVote ? ratioIntervalOf(new Exact(out.amount).abs(), new Exact(gained.amount), unit) : null;
  return [{ instrument: gained.instrument, unit, vote }];
}

function hasOwnBreaks({ movements, legs, type }: TypedSet, { ground }: Basis): boolean {
  return ownBreaks(movements, legs, ground.old, type).length > 0;
}

/** The parts of a set that exchanges shares; null for another type, or while the old share is not known. */
export function exchangeOfSet({ type, legs }: TypedSet, { ground: { old, news } }: Basis): Exchange | null {
  const keepsOld = KEEPS_OLD.get(type);
  return keepsOld === undefined || old === null ? null : exchangeOf(legs, { old, keepsOld, news });
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
          unit: agreedUnit(own.map(({ unit }) => [unit, 1])),
        },
      ]),
  );
}

/** The unit that most sets say; the larger one where two are as frequent. One wrong group decides nothing for the others. */
export function agreedUnit(counted: readonly (readonly [unit: Exact, sets: number])[]): Exact {
  const totals = new Map<string, number>();
  for (const [unit, sets] of counted) totals.set(unit.toFixed(), (totals.get(unit.toFixed()) ?? 0) + sets);
  const most = Math.max(0, ...totals.values());
  const agreed = [...totals].filter(([, sets]) => sets === most).map(([unit]) => new Exact(unit));
  return agreed.reduce((largest, unit) => Exact.max(largest, unit), new Exact(0));
}
