import { dueFor, DAMAGED_SITUATIONS, type Economy, type Plan } from './exchange-plan';
import { EURO, type Flaw, type Leg, type NewShare, OLD, type Truth } from './generated';
import { type Fraction, less } from './fractions';

/** A plan and what is left of it. */
export interface Made {
  readonly plan: Plan;
  readonly legs: readonly Leg[];
  readonly flaw: Flaw | null;
}

/** All ratios from `low` on and below `high`. */
interface Region {
  readonly low: Fraction;
  readonly high: Fraction;
}

/** What the sets of all holders say of one new instrument, held against the ratio that is true. */
export interface Standing {
  readonly share: NewShare;
  /** Whole sets that tell the truth, and whole sets that do not. */
  readonly truthful: readonly Region[];
  readonly liars: readonly { readonly made: Made; readonly region: Region }[];
  /** Nothing false can be proved out of these sets. */
  readonly isSafe: boolean;
  /** What the truthful sets prove together, if everybody has to believe them; contains the true ratio. */
  readonly known: Region | null;
}

/** What a set says was received of an instrument, or given away; null where it says nothing. */
export function amountOf({ legs }: Made, instrument: string, isOut = false): bigint | null {
  return legs.find((leg) => leg.instrument === instrument && leg.amount < 0n === isOut)?.amount ?? null;
}

function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** Money came in an event of its own. */
export function hasCash({ legs }: Made): boolean {
  return legs.some(({ instrument }) => instrument === EURO);
}

/** An answer is owed for this set. */
export function isDamaged({ plan, flaw }: Made): boolean {
  return flaw !== null || DAMAGED_SITUATIONS.some((situation) => situation === plan.situation);
}

function apart(a: Region, b: Region): boolean {
  return !less(a.low, b.high) || !less(b.low, a.high);
}

/** What a set proves, if it is a whole one that can prove anything. */
function provedBy(made: Made, { instrument }: NewShare, { isSpinOff, unit }: Economy): Region | null {
  const away = amountOf(made, OLD, true);
  const back = amountOf(made, OLD);
  const received = amountOf(made, instrument);
  const isFaulty = made.flaw !== null || ['sign flipped', 'stray share'].includes(made.plan.situation);
  if (isFaulty || hasCash(made) || away === null || received === null) return null;
  if (back !== (isSpinOff ? -away : null)) return null;
  return { low: { top: received, bottom: -away }, high: { top: received + unit, bottom: -away } };
}

function commonTo(regions: readonly Region[]): Region | null {
  const [first, ...others] = regions;
  if (first === undefined) return null;
  return others.reduce(
    (common, { low, high }) => ({
      low: less(common.low, low) ? low : common.low,
      high: less(high, common.high) ? high : common.high,
    }),
    first,
  );
}

/** What can be proved of one new instrument, from what is true and not from any count of votes. */
export function standingOf(all: readonly Made[], share: NewShare, economy: Economy): Standing {
  const ratio = { top: share.top, bottom: share.bottom };
  const votes = all.flatMap((made) => {
    const region = provedBy(made, share, economy);
    return region === null ? [] : [{ made, region }];
  });
  const isTruthful = ({ region: { low, high } }: (typeof votes)[number]): boolean =>
    !less(ratio, low) && less(ratio, high);
  const truthful = votes.filter(isTruthful).map(({ region }) => region);
  const liars = votes.filter((vote) => !isTruthful(vote));
  const common = commonTo(truthful);
  const allApart = liars.every(({ region }) => truthful.every((one) => apart(one, region)));
  const liarsDisagree = liars.every(({ region }, index) =>
    liars.slice(0, index).every((other) => apart(other.region, region)),
  );
  const isOutvoted = allApart && (liarsDisagree || liars.length < truthful.length);
  const isSingle = liars.length === 1 && common !== null && liars.every(({ region }) => apart(region, common));
  return {
    share,
    truthful,
    liars,
    isSafe: liars.length === 0 || (truthful.length > 0 && (isOutvoted || isSingle)),
    known: isOutvoted && truthful.length >= 2 && truthful.length > liars.length ? common : null,
  };
}

/** The old share is known when more holders give it away than any other. */
export function givers(all: readonly Made[], instrument: string): number {
  return all.filter((made) => amountOf(made, instrument, true) !== null).length;
}

/** What is known of a `ca_id` from all its sets. */
export interface Knowledge {
  readonly economy: Economy;
  readonly standings: readonly Standing[];
  /** New instruments that at least one holder received. */
  readonly seen: readonly string[];
  readonly isOldKnown: boolean;
}

type Finding = 'fine' | 'too small' | 'break' | null;

function multiplied(quantity: bigint, { top, bottom }: Fraction): Fraction {
  return { top: quantity * top, bottom };
}

/** What can be proved of one new instrument of a set; null where nothing can. */
export function provable(made: Made, standing: Standing, unit: bigint): Finding {
  const { share, known, truthful, liars } = standing;
  const olds = made.legs.filter(({ instrument }) => instrument === OLD).map(({ amount }) => magnitude(amount));
  const [first, ...further] = olds;
  if (first === undefined) return null;
  const old = further.reduce((least, amount) => (amount < least ? amount : least), first);
  const received = amountOf(made, share.instrument);
  if (received === null) {
    if (hasCash(made)) return 'fine';
    if (known === null) return null;
    const gives = (quantity: bigint): boolean => less({ top: unit, bottom: 1n }, multiplied(quantity, known.high));
    const { before } = made.plan;
    if (!gives(old)) return before !== null && before > old && gives(before) ? null : 'too small';
    return less(multiplied(old, known.low), { top: unit, bottom: 1n }) ? null : 'break';
  }
  if (hasCash(made)) {
    if (known === null) return isDamaged(made) ? null : 'fine';
    return less({ top: received, bottom: 1n }, multiplied(old, known.high)) ? 'fine' : 'break';
  }
  if (known === null) return truthful.length === 1 && liars.length === 0 ? 'fine' : null;
  const said = { low: { top: received, bottom: old }, high: { top: received + unit, bottom: old } };
  if (!apart(said, known)) return 'fine';
  const isSoldInPart = made.plan.situation.startsWith('sold in part');
  if (isSoldInPart) return made.plan.before === null ? null : 'fine';
  return 'break';
}

function isProvenBroken(made: Made, { economy, standings, seen, isOldKnown }: Knowledge): boolean {
  const { plan, legs, flaw } = made;
  const olds = legs.filter(({ instrument }) => instrument === OLD);
  if (flaw !== null) return true;
  if (plan.situation === 'sign flipped') {
    const isContradiction = legs.some(({ contradictsSign }) => contradictsSign === true);
    const isTwice = olds.length === 2 && olds[0]?.amount === olds[1]?.amount;
    return isContradiction || isTwice || isOldKnown;
  }
  if (!isOldKnown) return false;
  if (plan.situation === 'stray share') return true;
  if (olds.length === 0 && legs.length > 0) return plan.before !== null && plan.before > 0n;
  if (legs.length > 0 && economy.isSpinOff && olds.reduce((sum, { amount }) => sum + amount, 0n) !== 0n) return true;
  if (!economy.isSpinOff && legs.length > 0 && amountOf(made, OLD, true) === null) return plan.before !== null;
  const asked = standings.filter(({ share }) => seen.includes(share.instrument));
  if (legs.length > 0) return asked.some((standing) => provable(made, standing, economy.unit) === 'break');
  return asked.some(
    ({ known }) =>
      plan.before !== null &&
      known !== null &&
      !less(multiplied(plan.before, known.low), { top: economy.unit, bottom: 1n }),
  );
}

function goodVerdicts(made: Made, { seen, economy: { news } }: Knowledge): readonly string[] {
  const { plan, legs } = made;
  if (legs.length === 0) return [];
  if (plan.situation === 'sold' || plan.situation === 'sold with cash in lieu') return ['old-share-sold'];
  if (plan.situation === 'cash in lieu') return ['complete'];
  const asked = seen.length === 0 ? news.map(({ instrument }) => instrument) : seen;
  const isWhole = asked.every((instrument) => amountOf(made, instrument) !== null);
  // Without the holding before, a share sold in part looks like a new share of a wrong amount.
  const looksWrong = plan.situation === 'sold in part' && plan.before === null;
  return [isWhole ? 'complete' : 'new-share-too-small', ...(looksWrong ? ['break'] : [])];
}

function provenVerdict(made: Made, knowledge: Knowledge): string | null {
  const { standings, seen, economy, isOldKnown } = knowledge;
  if (isDamaged(made)) return isProvenBroken(made, knowledge) ? 'break' : null;
  const [verdict] = goodVerdicts(made, knowledge);
  if (verdict === undefined || !isOldKnown) return null;
  if (verdict === 'old-share-sold') {
    const isWhole = hasCash(made) || seen.every((instrument) => amountOf(made, instrument) !== null);
    return made.plan.before === 0n && isWhole ? verdict : null;
  }
  const asked = standings.filter(({ share }) => seen.includes(share.instrument));
  const findings = asked.map((standing) => provable(made, standing, economy.unit));
  if (findings.includes(null) || (asked.length === 0 && !hasCash(made))) return null;
  return verdict;
}

/** Within two units of the quantity that gives exactly one unit of a new share. */
function isNear(made: Made, { news, unit }: Economy): boolean {
  const old = made.legs.find(({ instrument }) => instrument === OLD);
  if (old === undefined) return false;
  return news.some(({ top, bottom }) => {
    const distance = magnitude(magnitude(old.amount) * top - unit * bottom);
    return distance <= 2n * top && distance <= 2n * unit * bottom;
  });
}

/** What is true of one holder's set and what of it can be proved. */
export function truthOf(made: Made, knowledge: Knowledge): Truth {
  const { plan, legs, flaw } = made;
  const isOldOnly = legs.length > 0 && legs.every(({ instrument }) => instrument === OLD);
  return {
    userId: plan.userId,
    situation: flaw ?? plan.situation,
    isTrue: isDamaged(made) ? ['break'] : goodVerdicts(made, knowledge),
    decidable: provenVerdict(made, knowledge),
    isNearBoundary: isNear(made, knowledge.economy),
    lacksNew: flaw === null && isOldOnly && legs.length === (knowledge.economy.isSpinOff ? 2 : 1),
  };
}

/** What is due by the truth but did not come. */
export function lackingIn(made: Made, { news, unit }: Economy): readonly string[] {
  return news
    .filter((share) => dueFor(made.plan.entitled, share, unit) > (amountOf(made, share.instrument) ?? 0n))
    .map(({ instrument }) => instrument);
}
