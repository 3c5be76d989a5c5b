import fc from 'fast-check';

import type { InstrumentRatio } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../../src/domain/lifecycles/corporate-actions/judge';
import { oldInstrumentOf } from '../../../src/domain/lifecycles/corporate-actions/set-facts';
import { fraction, less } from './fractions';
import { FIRST_CREDIT, type Generated, OLD } from './generated';
import { generate, generateFrom } from './generator';
import { generateExchange } from './exchange-generator';
import { randomOf } from './random';
import { decideSlowly } from './slow-model';
import type { Answer, LedgerHolder, LedgerMovement, LedgerView } from './slow-words';

// Machines that do other work beside are slow; the properties know no time.
jest.setTimeout(180_000);

const seeds = fc.integer({ min: 0, max: 0x7fff_ffff });

/** What an operator acts upon: the verdict, and which legs or kinds are named. */
type Shown = readonly (readonly [userId: string, verdict: string, breaks: readonly string[]])[];

const NAMES_NEW = ['missing-leg', 'ratio-differs'];

function shown(answers: Iterable<readonly [string, Answer]>): Shown {
  return [...answers]
    .map(([userId, { verdict, breaks }]) => {
      const names = breaks.map(({ kind, leg, instrument }) => {
        const isNew = kind === 'ratio-differs' || leg === 'new-in';
        return `${kind} ${kind === 'missing-leg' ? String(leg) : ''} ${isNew && NAMES_NEW.includes(kind) ? String(instrument) : ''}`;
      });
      // Which of two equal legs is the surplus one, only their order tells; what else is wrong then depends on it.
      const isTwice = breaks.some(({ kind }) => ['surplus-leg', 'mixed-types', 'mixed-instruments'].includes(kind));
      return [userId, verdict, isTwice ? [] : names.sort()] as const;
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function judged(view: LedgerView): Shown {
  return shown(judgeCorporateAction(view).judgements.map((one) => [one.userId, one] as const));
}

function decided(view: LedgerView): Shown {
  return shown(decideSlowly(view));
}

function withMovements(
  view: LedgerView,
  change: (movements: readonly LedgerMovement[], holder: LedgerHolder) => readonly LedgerMovement[],
): LedgerView {
  return { ...view, holders: view.holders.map((one) => ({ ...one, movements: change(one.movements, one) })) };
}

/** The ledger books a movement once, however often and in whatever order it comes. */
function booked(arrivals: readonly LedgerMovement[]): readonly LedgerMovement[] {
  return [...new Map(arrivals.map((one) => [`${one.transactionId} ${one.instrument}`, one])).values()];
}

function permutations<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length === 0) return [[]];
  return list.flatMap((one, index) => permutations(list.toSpliced(index, 1)).map((others) => [one, ...others]));
}

function subsets<T>(list: readonly T[]): readonly (readonly T[])[] {
  const [first, ...others] = list;
  if (first === undefined) return [[]];
  return subsets(others).flatMap((subset) => [subset, [first, ...subset]]);
}

test('any part of any corporate action, in any order and with any repetitions, is judged as the slow model decides', () => {
  fc.assert(
    fc.property(seeds, seeds, fc.constantFrom(0, 0.1, 0.4), (seed, disorder, loss) => {
      const random = randomOf(disorder);
      const { view } = generateFrom(seed);
      const arrived = withMovements(view, (movements) => {
        const left = movements.filter(() => !random.chance(loss));
        return booked(random.shuffled([...left, ...left.filter(() => random.chance(0.5))]));
      });
      expect(judged({ ...arrived, holders: random.shuffled(arrived.holders) })).toEqual(decided(arrived));
    }),
    { numRuns: 1_500 },
  );
});

const FEW = ['asset:old', 'asset:old', 'asset:new', 'asset:new', 'asset:third', 'fiat:euro'] as const;

/** Anything that can stand in the ledger, with numbers so small that chance alone makes sets fit or nearly fit. */
const wild = fc
  .record({
    type: fc.constantFrom('spin_off', 'merger_stock', 'delisting', 'stock_split', 'reverse_stock_split', 'dividend'),
    unit: fc.constantFrom('0.5', '1', '0.00000001'),
    holders: fc.array(
      fc.record({
        before: fc.constantFrom(null, '0', '1', '2', '4', '6'),
        movements: fc.uniqueArray(
          fc.record({
            event: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
            instrument: fc.constantFrom(...FEW),
            amount: fc.constantFrom('-4', '-2', '-1', '0.5', '1', '2', '4.0'),
            direction: fc.constantFrom(null, null, null, null, 'incoming', 'outgoing'),
          }),
          { maxLength: 5, selector: ({ event, instrument }) => `${event} ${instrument.split(':')[0] ?? ''}` },
        ),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  })
  .map(({ type, unit, holders }): LedgerView => ({
    precisions: { '*': unit },
    holders: holders.map(({ before, movements }, index) => ({
      userId: `user-${String(index)}`,
      before,
      movements: movements.map(({ event, instrument, amount, direction }) => ({
        transactionId: `${String(index)}${event}`,
        instrument,
        amount: instrument.startsWith('fiat:') ? amount.replace('-', '') : amount,
        type,
        creditedAt: FIRST_CREDIT,
        direction: instrument.startsWith('fiat:') ? null : direction,
        assetGroup: null,
        contradictedBy: null,
      })),
    })),
  }));

test('whatever stands in the ledger, however senseless, is judged as the slow model decides', () => {
  fc.assert(
    fc.property(wild, (view) => {
      expect(judged(view)).toEqual(decided(view));
    }),
    { numRuns: 4_000 },
  );
});

test('the order of holders and of their movements changes nothing, whatever is wrong with a set', () => {
  fc.assert(
    fc.property(seeds, seeds, (seed, disorder) => {
      const random = randomOf(disorder);
      const { view } = generateFrom(seed);
      const disordered = withMovements(view, random.shuffled);
      expect(judged({ ...disordered, holders: random.shuffled(disordered.holders) })).toEqual(judged(view));
    }),
    { numRuns: 1_000 },
  );
});

/** The holder's set as it truly is, and the corporate action of which it is one. */
interface Witnessed {
  readonly view: LedgerView;
  readonly holder: LedgerHolder;
}

/** A whole set with at least two legs and without money, which could stand for a part of the new share. */
function witnessed({ view, truths }: Omit<Generated, 'told'>): Witnessed | null {
  const sound = truths.find(({ situation, isTrue, decidable }) => {
    return situation === 'as it should be' && isTrue.includes('complete') && decidable === 'complete';
  });
  const holder = view.holders.find(({ userId }) => userId === sound?.userId);
  if (holder === undefined || holder.movements.length > 5) return null;
  // Without a correction, and what it corrects, a set is whole as well.
  if (holder.movements.some(({ creditedAt }) => creditedAt !== FIRST_CREDIT)) return null;
  // A new share that too few others received is no new one any more once it is lost here.
  const others = view.holders.filter((other) => other !== holder);
  const { oldInstrument, newInstruments } = judgeCorporateAction({ ...view, holders: others });
  const receivers = (wanted: string): number =>
    others.filter(({ movements }) => movements.some((one) => one.instrument === wanted)).length;
  const isShared = holder.movements.every(
    ({ instrument }) =>
      instrument === oldInstrument || (newInstruments.includes(instrument) && receivers(instrument) > 1),
  );
  return isShared ? { view, holder } : null;
}

test('of all orders and all parts of a whole set only the whole one is ever complete', () => {
  let parts = 0;
  fc.assert(
    fc.property(seeds, fc.integer({ min: 5, max: 12 }), (seed, holders) => {
      const found = witnessed(generateExchange(randomOf(seed), holders));
      fc.pre(found !== null);
      const { view, holder } = found;
      const verdictOf = (movements: readonly LedgerMovement[]): string | null => {
        const one = withMovements(view, (others, { userId }) => (userId === holder.userId ? movements : others));
        // With the last giver of the old share the old share itself is lost from sight.
        if (oldInstrumentOf(one.holders) !== OLD) return 'unverified';
        return judgeCorporateAction(one).judgements.find(({ userId }) => userId === holder.userId)?.verdict ?? null;
      };
      for (const part of subsets(holder.movements)) {
        const verdicts = new Set(permutations(part).map(verdictOf));
        parts += 1;
        expect(verdicts.size).toBe(1);
        if (part.length < holder.movements.length) expect(verdicts).not.toContain('complete');
        else expect(verdicts).toEqual(new Set(['complete']));
      }
    }),
    { numRuns: 80 },
  );
  expect(parts).toBeGreaterThan(300);
});

function isTrueRatio({ instrument, ratio }: InstrumentRatio, news: Generated['news']): boolean {
  const share = news.find((one) => one.instrument === instrument);
  if (ratio === null || share === undefined) return true;
  return less(fraction(ratio.low), share) && less(share, fraction(ratio.high));
}

function receivedIn({ holders }: LedgerView): readonly string[] {
  const movements = holders.flatMap((holder) => holder.movements);
  const exchanged = movements.filter(({ type }) => type === 'spin_off' || type === 'merger_stock');
  return exchanged
    .filter(({ instrument, amount }) => instrument.startsWith('asset:') && !amount.startsWith('-'))
    .map(({ instrument }) => instrument);
}

test('where nothing was lost or altered, no verdict is a break, however few of the holders are known', () => {
  fc.assert(
    fc.property(seeds, seeds, (seed, choice) => {
      const random = randomOf(choice);
      const { view, truths, news } = generate(randomOf(seed));
      fc.pre(truths.every(({ isTrue }) => !isTrue.includes('break')));
      const few = { ...view, holders: view.holders.filter(() => random.chance(0.5)) };
      const judged = judgeCorporateAction(few);
      // What too few of those who are left received is a stray share among them.
      const { newInstruments, oldInstrument } = judged;
      fc.pre(receivedIn(few).every((one) => one === oldInstrument || newInstruments.includes(one)));
      // A share sold in part proves a ratio of more than it was given for: where it outvotes the true one, nobody can know.
      const isSoldInPart = truths.some(({ situation }) => situation.startsWith('sold in part'));
      fc.pre(!isSoldInPart || judged.ratios.every((said) => isTrueRatio(said, news)));
      expect(judged.judgements.filter(({ verdict }) => verdict === 'break')).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
