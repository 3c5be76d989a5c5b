/** The types of corporate actions whose sets can be judged (vendors.md §3.3); any other is booked and stays unverified. */
export const JUDGED_TYPES = [
  'spin_off',
  'merger_stock',
  'merger_cash',
  'delisting',
  'dividend',
  'stock_split',
  'reverse_stock_split',
] as const;
/** A type of corporate action whose sets can be judged. */
export type JudgedType = (typeof JUDGED_TYPES)[number];

/** The verdicts on a set: three good ones, nothing that could be proved, and a mismatch. */
export const VERDICTS = ['complete', 'new-share-too-small', 'old-share-sold', 'unverified', 'break'] as const;
/** The verdict on a set. */
export type Verdict = (typeof VERDICTS)[number];

/** The verdicts after which nobody owes an answer. */
export const GOOD_VERDICTS: readonly Verdict[] = ['complete', 'new-share-too-small', 'old-share-sold'];

/** The parts of a set that a movement can be: the old share given away, given back, the new share, or money. */
export const LEGS = ['old-out', 'old-in', 'new-in', 'fiat'] as const;
/** The part of a set that a movement is. */
export type Leg = (typeof LEGS)[number];

/** The ways in which a set can mismatch. */
export const BREAK_KINDS = [
  'missing-leg',
  'surplus-leg',
  'quantity-differs',
  'wrong-sign',
  'ratio-differs',
  'contradicting-repeat',
  'mixed-instruments',
  'mixed-types',
  'whole-set-missing',
] as const;
/** The way in which a set mismatches. */
export type BreakKind = (typeof BREAK_KINDS)[number];

/** A mismatch in a set. `expected` and `found` are decimal strings or words; null where there is nothing. */
export interface Break {
  readonly kind: BreakKind;
  readonly leg: Leg | null;
  readonly instrument: string | null;
  readonly expected: string | null;
  readonly found: string | null;
}

/**
 * The parts of a holding before a corporate action without which it is not known: an amount imported for a moment not after
 * it, and our word that what we told of the partner's holdings is complete through it.
 */
export const HOLDING_PARTS = ['opening', 'complete-through'] as const;
/** A part of a holding before without which it is not known. */
export type HoldingPart = (typeof HOLDING_PARTS)[number];

/** One booked movement of a corporate action as judging sees it; a reversed one and its reversal are left out. */
export interface SetMovement {
  /** The partner's id of the event; an asset and a fiat movement of one event share it. */
  readonly transactionId: string;
  /** `asset:<id>` or `fiat:<id>`, aliases resolved. */
  readonly instrument: string;
  /** Signed decimal, never 0. */
  readonly amount: string;
  /** The corporate action's type, the partner's word. */
  readonly type: string;
  /** The time of credit, ISO 8601 UTC, to the microsecond where it is known. */
  readonly creditedAt: string;
  /** `incoming` or `outgoing` as the partner says beside the sign; null where it says nothing. */
  readonly direction: string | null;
  /** Decides how many digits the partner keeps; null where it says nothing. */
  readonly assetGroup: string | null;
  /** The amount a later delivery under the same id claimed; null while none contradicts. */
  readonly contradictedBy: string | null;
  /** Of money: the amount of it that was passed on to the user; null or absent while it is open. */
  readonly paid?: string | null;
}

/** All movements of one corporate action for one user. */
export interface HolderSet {
  readonly userId: string;
  /** In the order of booking. */
  readonly movements: readonly SetMovement[];
  /** Holding of the old instrument before, a decimal; null while it is not known. */
  readonly before: string | null;
  /** The parts that are missing where `before` is null; absent: an opening. */
  readonly missingHolding?: readonly HoldingPart[];
}

/** All that judging one corporate action, the partner's `ca_id`, rests on. */
export interface CorporateAction {
  /** Every holder with movements, and those without any whose holding before is known. */
  readonly holders: readonly HolderSet[];
  /** The smallest amount the partner books, a decimal, by asset group; `*` for every other group. */
  readonly precisions: Readonly<Record<string, string>>;
  /** Instruments whose other id is known; absent: none. */
  readonly aliased?: ReadonlySet<string>;
}

/** The things without which a set stays unverified. */
export const UNKNOWNS = [
  'holdings not known',
  'ratio not known',
  'ratio not close enough',
  'old share not known',
  'new share not known',
  'alias not known',
  'type not known',
  'other leg not known',
  'nothing left',
  'partner not reached',
] as const;

/** A thing without which a set stays unverified, and what is missing of it: parts of a holding, instruments, words. */
export interface Unknown {
  readonly reason: (typeof UNKNOWNS)[number];
  readonly missing: readonly string[];
}

/** An open interval of decimals: neither end is in it. */
export interface Bounds {
  readonly low: string;
  readonly high: string;
}

/** The ratio of new for old that a new instrument's complete sets prove. */
export interface InstrumentRatio {
  readonly instrument: string;
  /** The open interval as decimals cut to 40 digits, low downwards and high upwards; null while nothing is proved. */
  readonly ratio: Bounds | null;
  /** The number of sets that prove something. */
  readonly completeSets: number;
  /** The number of them that agree on the interval. */
  readonly agreeingSets: number;
}

/** The judgement of one holder's set. */
export interface Judgement {
  readonly userId: string;
  readonly verdict: Verdict;
  /** Empty unless the verdict is `break`. */
  readonly breaks: readonly Break[];
  /** By new instrument: what the holder should receive; only those that can be said. */
  readonly expectedNew: Readonly<Record<string, Bounds>>;
  /** The things that are not known; empty unless the verdict is `unverified`. */
  readonly unknown: readonly Unknown[];
  /** The partner's ids of the events whose money is held: those that are surplus or contradicted. Sorted. */
  readonly held: readonly string[];
}

/** The judgement of a corporate action. */
export interface JudgedCorporateAction {
  /** The type most sets say; null while there is no movement. */
  readonly type: string | null;
  readonly oldInstrument: string | null;
  readonly newInstruments: readonly string[];
  readonly ratios: readonly InstrumentRatio[];
  /** One for each holder given, except those without movements of whom nothing is missing. */
  readonly judgements: readonly Judgement[];
}
