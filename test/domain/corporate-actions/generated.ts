import { decimal, type Random } from './random';
import type { LedgerMovement, LedgerView } from './slow-words';
import type { ToldHolding } from './told-holdings';

/** What the generator knows of one holder's set, because it made it. */
export interface Truth {
  readonly userId: string;
  /** What became of the set, in words. */
  readonly situation: string;
  /** The verdicts that are no lie; `unverified` never is one and does not stand here. */
  readonly isTrue: readonly string[];
  /** The verdict that can be proved from what is there; null where nothing can. */
  readonly decidable: string | null;
  /** The old share is within two units of the quantity that gives exactly one unit of the new one. */
  readonly isNearBoundary: boolean;
  /** Only the legs of the old share are there. */
  readonly lacksNew: boolean;
}

/** A new instrument and the exact ratio of new for old, which nobody is told. */
export interface NewShare {
  readonly instrument: string;
  readonly top: bigint;
  readonly bottom: bigint;
}

/** A corporate action with known answers. */
export interface Generated {
  readonly view: LedgerView;
  readonly truths: readonly Truth[];
  readonly news: readonly NewShare[];
  /** What is told of holdings in the end, by user: together it gives the holdings before of the view. */
  readonly told: ReadonlyMap<string, ToldHolding>;
}

/** One movement before it gets its wording; `amount` in steps of 0.00000001. */
export interface Leg {
  readonly instrument: string;
  readonly amount: bigint;
  /** Legs of one event share it; absent: an event of its own. */
  readonly event?: string;
  /** What the partner says beside the sign is the other way round. */
  readonly contradictsSign?: boolean;
  /** The partner says nothing beside the sign. */
  readonly isSilent?: boolean;
  readonly contradictedBy?: string;
  readonly type?: string;
  /** ISO 8601 UTC; absent: the moment at which the corporate action was credited. */
  readonly creditedAt?: string;
}

/** The wording all movements of a corporate action share. */
export interface Wording {
  readonly type: string;
  readonly assetGroup: string | null;
  readonly keepsZeros: boolean;
  readonly saysDirection: boolean;
}

/** The instrument that every exchange gives away. */
export const OLD = 'asset:00000000-0000-4000-8000-000000000001';
/** The money of cash in lieu, payouts and dividends. */
export const EURO = 'fiat:00000000-0000-4000-8000-0000000000e0';

/** A breach that stands whatever else is known of the set: another id again, a contradiction, a wrong word. */
export const FLAWS = ['contradicted', 'wrong direction', 'other type', 'leg twice'] as const;
/** One of them. */
export type Flaw = (typeof FLAWS)[number];

function isShare({ instrument }: Leg): boolean {
  return instrument.startsWith('asset:');
}

/** The same legs with one flaw, or null where this flaw cannot be put into them. */
export function withFlaw(legs: readonly Leg[], flaw: Flaw, type: string, random: Random): readonly Leg[] | null {
  const chosen = random.some(flaw === 'contradicted' || flaw === 'other type' ? legs : legs.filter(isShare));
  if (chosen === undefined) return null;
  const replaced = (changed: Leg): readonly Leg[] => legs.map((leg) => (leg === chosen ? changed : leg));
  switch (flaw) {
    case 'contradicted':
      return replaced({ ...chosen, contradictedBy: decimal(chosen.amount + 1n) });
    case 'wrong direction':
      return replaced({ ...chosen, contradictsSign: true });
    case 'other type':
      return legs.length < 2 ? null : replaced({ ...chosen, type: type === 'dividend' ? 'delisting' : 'dividend' });
    case 'leg twice': {
      const { event, ...again } = chosen;
      return [...legs, random.chance(0.5) ? again : { ...again, amount: again.amount * 2n }];
    }
  }
}

function directionOf(leg: Leg, { saysDirection }: Wording): string | null {
  // The direction of an event with a share is the share's.
  if (leg.isSilent === true || (!isShare(leg) && leg.event !== undefined)) return null;
  if (leg.contradictsSign === true) return leg.amount < 0n ? 'incoming' : 'outgoing';
  if (!saysDirection) return null;
  return leg.amount < 0n ? 'outgoing' : 'incoming';
}

/** When a corporate action was credited. */
export const FIRST_CREDIT = '2026-03-02T09:00:00.000000Z';

/** The movements as the ledger has them. */
export function movementsOf(userId: string, legs: readonly Leg[], wording: Wording): readonly LedgerMovement[] {
  return legs.map((leg, index) => ({
    transactionId: `${userId}-${leg.event ?? String(index)}`,
    instrument: leg.instrument,
    amount: decimal(leg.amount, wording.keepsZeros),
    type: leg.type ?? wording.type,
    creditedAt: leg.creditedAt ?? FIRST_CREDIT,
    direction: directionOf(leg, wording),
    assetGroup: wording.assetGroup,
    contradictedBy: leg.contradictedBy ?? null,
  }));
}

/** How much somebody holds: whole shares, fractions with up to eight digits, crumbs and fortunes. */
export function quantity(random: Random): bigint {
  const digits = random.whole(0, 8);
  const step = 10n ** BigInt(8 - digits);
  switch (random.pick(['whole', 'fraction', 'fraction', 'crumb', 'fortune'] as const)) {
    case 'whole':
      return BigInt(random.whole(1, 500)) * 100_000_000n;
    case 'fraction':
      return BigInt(random.whole(1, 20 * 10 ** digits)) * step;
    case 'crumb':
      return BigInt(random.whole(1, 60));
    case 'fortune':
      return BigInt(random.whole(1_000_000, 900_000_000)) * 10_000_000n + BigInt(random.whole(0, 9_999_999));
  }
}
