import { dueFor, DAMAGED_SITUATIONS, type Economy, type Plan } from './exchange-plan';
import { EURO, type Flaw, type Leg, type NewShare, OLD, type Truth } from './generated';
import { type Fraction, less } from './fractions';

/** A plan and what is left of it. */
export interface Made {
  readonly plan: Plan;
  readonly legs: readonly Leg[];
  readonly flaw: Flaw | null;
  /** Legs that take each other back; nothing is true of them. */
  readonly corrections?: readonly Leg[];
}

/** All ratios above `low` and below `high`. */
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
function provedBy(
  made: Made,
  { instrument }: NewShare,
  { isSpinOff, unit }: Economy,
  seen: readonly string[],
): Region | null {
  const away = amountOf(made, OLD, true);
  const back = amountOf(made, OLD);
  const received = amountOf(made, instrument);
  const isFaulty =
    made.flaw !== null ||
    ['sign flipped', 'stray share'].includes(made.plan.situation) ||
    strays(made, seen).length > 0;
  if (isFaulty || hasCash(made) || away === null || received === null) return null;
  if (back !== (isSpinOff ? -away : null)) return null;
  return { low: { top: received - unit, bottom: -away }, high: { top: received + unit, bottom: -away } };
}

/** What came of a share that is no new one of this corporate action, as the rule says it. */
function strays({ legs }: Made, seen: readonly string[]): readonly Leg[] {
  return legs.filter(
    ({ instrument, amount }) => amount > 0n && ![OLD, EURO].includes(instrument) && !seen.includes(instrument),
  );
}

/** The new instruments: at least two holders received each, and a tenth of all who received any; all of a single one's. */
export function newOnes(all: readonly Made[]): readonly string[] {
  const received = all
    .map(({ legs }) => legs.filter(({ instrument, amount }) => amount > 0n && ![OLD, EURO].includes(instrument)))
    .filter((legs) => legs.length > 0);
  const wanted = [...new Set(received.flat().map(({ instrument }) => instrument))];
  return wanted.filter((instrument) => {
    const count = received.filter((legs) => legs.some((leg) => leg.instrument === instrument)).length;
    return received.length === 1 || (count >= 2 && count / received.length >= 0.1);
  });
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
export function standingOf(all: readonly Made[], share: NewShare, economy: Economy, seen: readonly string[]): Standing {
  const ratio = { top: share.top, bottom: share.bottom };
  const votes = all.flatMap((made) => {
    const region = provedBy(made, share, economy, seen);
    return region === null ? [] : [{ made, region }];
  });
  const isTruthful = ({ region: { low, high } }: (typeof votes)[number]): boolean =>
    less(low, ratio) && less(ratio, high);
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
  /** The new instruments, as all sets show them. */
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
    if (known === null) return null;
    if (hasCash(made)) return paidInstead(old, known, unit);
    const gives = (quantity: bigint): boolean => less({ top: unit, bottom: 1n }, multiplied(quantity, known.high));
    const { before } = made.plan;
    if (!gives(old)) return before !== null && before > old && gives(before) ? null : 'too small';
    return less(multiplied(old, known.low), { top: unit, bottom: 1n }) ? null : 'break';
  }
  if (hasCash(made)) {
    if (known === null) return null;
    const [least, most] = bookedFor(old, known, unit);
    if (received < floorToWhole(least) || !less({ top: received - unit, bottom: 1n }, multiplied(old, known.high))) {
      return made.plan.situation.startsWith('sold in part') ? null : 'break';
    }
    return received < floorToWhole(most) ? null : 'fine';
  }
  if (known === null) return truthful.length === 1 && liars.length === 0 ? 'fine' : null;
  const said = { low: { top: received - unit, bottom: old }, high: { top: received + unit, bottom: old } };
  if (!apart(said, known)) return 'fine';
  const isSoldInPart = made.plan.situation.startsWith('sold in part');
  if (isSoldInPart) return made.plan.before === null ? null : 'fine';
  return 'break';
}

const WHOLE_SHARE = 100_000_000n;

function floorToWhole(amount: bigint): bigint {
  return (amount / WHOLE_SHARE) * WHOLE_SHARE;
}

/** The least and the most that can be booked for a quantity within the open region. */
function bookedFor(quantity: bigint, { low, high }: Region, unit: bigint): readonly [bigint, bigint] {
  const least = ((quantity * low.top) / (low.bottom * unit) + 1n) * unit;
  const most = ((quantity * high.top - 1n) / (high.bottom * unit)) * unit;
  return most < least ? [least - unit, least] : [least, most];
}

/** Only money came: right where it stands for less than one whole share. */
function paidInstead(old: bigint, known: Region, unit: bigint): Finding {
  const [least, most] = bookedFor(old, known, unit);
  if (most < WHOLE_SHARE) return 'fine';
  return least < WHOLE_SHARE ? null : 'break';
}

/** Something was altered, but by so little that it is still right. */
export function isRightAllTheSame(made: Made, { news, unit }: Economy): boolean {
  const { situation, entitled } = made.plan;
  if (made.flaw !== null || !['new altered', 'cash lost', 'cash beside too much'].includes(situation)) return false;
  return news.every((share) => {
    const due = dueFor(entitled, share, unit);
    const received = amountOf(made, share.instrument) ?? 0n;
    const least = hasCash(made) ? floorToWhole(due) : due - unit;
    return received >= least && received <= due + unit;
  });
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
  if (plan.situation === 'stray share' || strays(made, seen).length > 0) return true;
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
  if (strays(made, seen).length > 0) return ['break'];
  const asked = seen.length === 0 ? news.map(({ instrument }) => instrument) : seen;
  if (plan.situation === 'sold' || plan.situation === 'sold with cash in lieu') return ['old-share-sold'];
  if (plan.situation === 'cash in lieu') return ['complete'];
  const isWhole = asked.every((instrument) => amountOf(made, instrument) !== null);
  // Without the holding before, a share sold in part looks like a new share of a wrong amount.
  const looksWrong = plan.situation === 'sold in part' && plan.before === null;
  return [isWhole ? 'complete' : 'new-share-too-small', ...(looksWrong ? ['break'] : [])];
}

function provenVerdict(made: Made, knowledge: Knowledge): string | null {
  const { standings, seen, economy, isOldKnown } = knowledge;
  if (isDamaged(made) || strays(made, seen).length > 0) return isProvenBroken(made, knowledge) ? 'break' : null;
  const [verdict] = goodVerdicts(made, knowledge);
  if (verdict === undefined || !isOldKnown) return null;
  if (verdict === 'old-share-sold') {
    const isWhole = seen.length > 0 && seen.every((instrument) => amountOf(made, instrument) !== null);
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
