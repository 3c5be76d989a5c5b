import type { HolderSet, SetMovement } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../../src/domain/lifecycles/corporate-actions/judge';
import { randomOf } from './random';
import { holder, judgedIn, movements, PRECISIONS, type MovementDetails } from './set-words';

/** Sound sets of sixty holders by type, in the words of each; `n` counts from 1. */
const SOUND: Readonly<Record<string, (n: number) => string>> = {
  spin_off: (n) => `-${n * 10} OLD, +${n * 10} OLD, +${n * 5} NEW`,
  merger_stock: (n) => `-${n * 10} OLD, +${n * 5} NEW`,
  merger_cash: (n) => `-${n * 10} OLD & +${n} EURO`,
  delisting: (n) => `-${n * 10} OLD, +${n} EURO`,
  dividend: (n) => `+${n} EURO`,
  stock_split: (n) => `+${n * 10} OLD`,
  reverse_stock_split: (n) => `-${n * 9} OLD`,
};

/** The type of an exchange by which the whole of a split is said in two movements. */
const IN_TWO: Readonly<Record<string, (n: number) => string>> = {
  stock_split: (n) => `-${n * 10} OLD, +${n * 20} NEW`,
  reverse_stock_split: (n) => `-${n * 20} OLD, +${n * 2} NEW`,
};

type Fault = (words: string) => readonly SetMovement[];

/** Every kind of fault that one set can have. */
function faultsOf(type: string): Readonly<Record<string, Fault>> {
  const said = (words: string, more: MovementDetails = {}) => movements('one', words, { type, ...more });
  const changed = (words: string, change: (one: SetMovement, index: number) => SetMovement) => said(words).map(change);
  const first = (words: string, more: Partial<SetMovement>) =>
    changed(words, (one, index) => (index === 0 ? { ...one, ...more } : one));
  return {
    'nothing came': () => [],
    'the first movement is lost': (words) => said(words).slice(1),
    'the last movement is lost': (words) => said(words).slice(0, -1),
    'a share came twice': (words) => said(`${words}, +5 NEW, +5 NEW`),
    'a share went twice': (words) => said(`${words}, -7 OLD, -7 OLD`),
    'a stray share came': (words) => said(`${words}, +3 OTHER`),
    'two stray shares came': (words) => said(`${words}, +3 OTHER, +4 THIRD`),
    'a stray share went': (words) => said(`${words}, -3 OTHER`),
    'the sign is the other one': (words) => said(words.replace(/[+-]/g, (sign) => (sign === '+' ? '-' : '+'))),
    'one sign is the other one': (words) => said(words.replace(/^[+-]/, (sign) => (sign === '+' ? '-' : '+'))),
    'the amounts are others': (words) => said(words.replace(/(\d+)(?= NEW| EURO)/g, '$17')),
    'the old legs differ': (words) => said(words.replace(/\+(\d+) OLD/, '+1$1 OLD')),
    'money came, too': (words) => said(`${words}, +3 EURO`),
    'money was taken back': (words) => said(`${words}, -3 EURO`),
    'money came in another currency': (words) => first(`+3 EURO, ${words}`, { instrument: 'fiat:dollar' }),
    'another type': (words) => said(words, { type: 'capital_repayment' }),
    'the type is spelled otherwise': (words) => said(words, { type: type.toUpperCase() }),
    'one movement says another type': (words) => first(words, { type: 'capital_repayment' }),
    'the direction contradicts': (words) =>
      first(words, { direction: words.startsWith('-') ? 'incoming' : 'outgoing' }),
    'a repeat contradicts': (words) => first(words, { contradictedBy: '1' }),
    'another asset group': (words) => said(words, { assetGroup: 'etf' }),
    'an id of the other kind': (words) =>
      changed(words, (one) => ({ ...one, instrument: one.instrument.replace(/asset:.*/, 'asset:17') })),
    'credited years before': (words) =>
      changed(words, (one) => ({ ...one, creditedAt: '1999-01-01T00:00:00.000000Z' })),
    corrected: (words) => said(`${words}, +5 NEW, -5 NEW`),
    'taken back as a whole': (words) => [
      ...said(words),
      ...said(words).map((one) => ({
        ...one,
        transactionId: `${one.transactionId}-back`,
        amount: one.amount.startsWith('-') ? one.amount.slice(1) : `-${one.amount}`,
        creditedAt: '2026-03-03T00:00:00.000000Z',
      })),
    ],
  };
}

function shortly(holders: readonly HolderSet[]): Readonly<Record<string, string>> {
  const judged = judgeCorporateAction({ holders, precisions: PRECISIONS });
  return Object.fromEntries(
    judged.judgements.map(({ userId, verdict, breaks, unknown }) => [
      userId,
      JSON.stringify([verdict, breaks, unknown]),
    ]),
  );
}

const TYPES = [
  ...Object.entries(SOUND).map(([type, wordsOf]) => ({ name: type, type, wordsOf })),
  ...Object.entries(IN_TWO).map(([type, wordsOf]) => ({ name: `${type} in two movements`, type, wordsOf })),
];

const CASES = TYPES.flatMap(({ name, type, wordsOf }) =>
  Object.entries(faultsOf(type)).map(([fault, make]) => ({ name, type, fault, make, wordsOf })),
);

test.each(CASES)('$name: $fault in one set of sixty changes no other verdict, in any order of arrival', (given) => {
  const { type, fault, make, wordsOf } = given;
  const random = randomOf(fault.length * 1_000 + type.length);
  const others = Array.from({ length: 59 }, (_, index) =>
    holder(`other-${index}`, wordsOf(index + 2), index % 3 === 0 ? String((index + 2) * 10) : null, { type }),
  );
  const without = shortly(others);
  const faulty = { userId: 'one', movements: make(wordsOf(1)), before: random.pick([null, '0', '10']) };
  for (let times = 0; times < 3; times += 1) {
    const arrived = [...others, faulty].map((one) => ({ ...one, movements: random.shuffled(one.movements) }));
    const { one, ...rest } = shortly(random.shuffled(arrived));
    expect(rest).toEqual(without);
    // Every part of the faulty set on the way leaves the others alone as well.
    const part = { ...faulty, movements: random.shuffled(faulty.movements).slice(0, times) };
    const { one: unfinished, ...restBeside } = shortly(random.shuffled([...others, part]));
    expect(restBeside).toEqual(without);
  }
});

test('a stray third share in a few sets leaves the ratio proved, and every other set complete', () => {
  const sound = (count: number, from: number) =>
    Array.from({ length: count }, (_, index) => holder(`h${from + index}`, SOUND.spin_off?.(from + index) ?? ''));
  const strays = [1, 2, 3].map((n) => holder(`stray${n}`, `${SOUND.spin_off?.(n) ?? ''}, +2 OTHER`));
  const liars = [1, 2].map((n) => holder(`liar${n}`, `-10 OLD, +10 OLD, +${n + 6} NEW`));
  const waiting = Array.from({ length: 24 }, (_, index) => holder(`two${index}`, '-8 OLD, +8 OLD'));
  const holders = [...sound(31, 1), ...strays, ...liars, ...waiting];
  expect(holders).toHaveLength(60);
  const judged = judgeCorporateAction({ holders, precisions: PRECISIONS });
  expect(judged.newInstruments).toEqual(['asset:new']);
  expect(judged.ratios).toMatchObject([{ completeSets: 33, agreeingSets: 31 }]);
  const verdicts = new Map(judged.judgements.map(({ userId, verdict }) => [userId, verdict]));
  expect(
    [...verdicts].filter(([userId]) => userId.startsWith('h')).every(([, verdict]) => verdict === 'complete'),
  ).toBe(true);
  const action = { holders, precisions: PRECISIONS };
  expect(judgedIn(action, 'stray1')).toEqual(['break', 'mixed-instruments new-in']);
  expect(judgedIn(action, 'liar1')).toEqual(['break', 'ratio-differs new-in 5']);
  expect(judgedIn(action, 'two0')).toEqual(['break', 'missing-leg new-in 4']);
});

function permutations<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length === 0) return [[]];
  return list.flatMap((one, index) => permutations(list.toSpliced(index, 1)).map((others) => [one, ...others]));
}

test('every order of the movements of a faulty set gives the same verdict on it and on the others', () => {
  const others = [2, 3, 4, 5].map((n) => holder(`other-${n}`, SOUND.spin_off?.(n) ?? ''));
  for (const [fault, make] of Object.entries(faultsOf('spin_off'))) {
    const faulty = make(SOUND.spin_off?.(1) ?? '');
    if (faulty.length > 5) continue;
    const verdicts = permutations(faulty).map((arrived) =>
      JSON.stringify(shortly([...others, { userId: 'one', movements: arrived, before: '10' }])),
    );
    expect([fault, new Set(verdicts).size]).toEqual([fault, 1]);
  }
});
