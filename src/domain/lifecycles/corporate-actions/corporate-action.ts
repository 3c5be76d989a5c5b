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
/** Type of corporate action with rules for its verdict. */
export type JudgedType = (typeof JUDGED_TYPES)[number];

/** Verdicts on a set: three good ones, one for a set that could not be verified, and a mismatch. */
export const VERDICTS = ['complete', 'new-share-too-small', 'old-share-sold', 'unverified', 'break'] as const;
/** Verdict on a set. */
export type Verdict = (typeof VERDICTS)[number];

/** Verdicts after which nobody owes an answer. */
export const GOOD_VERDICTS: readonly Verdict[] = ['complete', 'new-share-too-small', 'old-share-sold'];

/** Legs of a set: the old share given away, given back, the new share, and money. */
export const LEGS = ['old-out', 'old-in', 'new-in', 'fiat'] as const;
/** Leg of a set. */
export type Leg = (typeof LEGS)[number];

/** Kinds of breaks. */
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
/** Kind of a break. */
export type BreakKind = (typeof BREAK_KINDS)[number];

/** A mismatch in a set, named. `expected` and `found` are decimal strings or words; null where there is nothing. */
export interface Break {
  readonly kind: BreakKind;
  readonly leg: Leg | null;
  readonly instrument: string | null;
  readonly expected: string | null;
  readonly found: string | null;
}

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
  /** `incoming` or `outgoing` as the partner says beside the sign; null where it says nothing. */
  readonly direction: string | null;
  /** Decides how many digits the partner keeps; null where it says nothing. */
  readonly assetGroup: string | null;
  /** The amount a later delivery under the same id claimed; null while none contradicts. */
  readonly contradictedBy: string | null;
}

/** All movements of one corporate action for one user. */
export interface HolderSet {
  readonly userId: string;
  /** In the order of booking. */
  readonly movements: readonly SetMovement[];
  /** Holding of the old instrument before, a decimal; null while it is not known. */
  readonly before: string | null;
}

/** Everything judging one `ca_id` rests on. */
export interface CorporateAction {
  /** Every holder with movements, and those without any whose holding before is known. */
  readonly holders: readonly HolderSet[];
  /** The smallest amount the partner books, a decimal, by asset group; `*` for every other group. */
  readonly precisions: Readonly<Record<string, string>>;
  /** Instruments whose other id is known; absent: none. */
  readonly aliased?: ReadonlySet<string>;
}

/** Decimals; the new share of a holder lies between them, both included. */
export interface Bounds {
  readonly low: string;
  readonly high: string;
}

/** Ratio of new for old that a new instrument's complete sets prove. */
export interface InstrumentRatio {
  readonly instrument: string;
  /** The stretch low ≤ ratio < high as decimals cut to 40 digits, low downwards and high upwards; null while nothing is proved. */
  readonly ratio: Bounds | null;
  /** Number of sets that prove something. */
  readonly completeSets: number;
  /** Number of those that agree on the interval. */
  readonly agreeingSets: number;
}

/** Judgement of one holder's set. */
export interface Judgement {
  readonly userId: string;
  readonly verdict: Verdict;
  /** Empty unless the verdict is `break`. */
  readonly breaks: readonly Break[];
  /** By new instrument: what the holder should receive; only those that can be said. */
  readonly expectedNew: Readonly<Record<string, Bounds>>;
}

/** Judgement of a corporate action. */
export interface JudgedCorporateAction {
  /** The type most sets say; null while there is no movement. */
  readonly type: string | null;
  readonly oldInstrument: string | null;
  readonly newInstruments: readonly string[];
  readonly ratios: readonly InstrumentRatio[];
  /** One for each holder given, except those without movements of whom nothing is missing. */
  readonly judgements: readonly Judgement[];
}
