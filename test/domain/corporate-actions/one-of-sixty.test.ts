import type { HolderSet } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../../src/domain/lifecycles/corporate-actions/judge';
import { randomOf } from './random';
import { faultsOf, IN_TWO, SOUND } from './set-faults';
import { holder, judgedIn, PRECISIONS } from './set-words';

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
