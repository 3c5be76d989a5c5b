import type { HolderSet } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../../src/domain/lifecycles/corporate-actions/judge';
import { ruleExamples } from './rule-examples';
import { holder, judgedBeside, PRECISIONS, sound } from './set-words';

test.each(ruleExamples())('$rule: $type, $words beside $others with $before held before', (example) => {
  const { type, others, words, before, expected } = example;
  const beside = others.map((one, index) => holder(`other-${index}`, one, null, { type }));
  expect(judgedBeside(beside, holder('one', words, before, { type }))).toEqual(expected);
});

describe('holding before (rule 11)', () => {
  test('a set says which parts of the holding are missing', () => {
    const one: HolderSet = { ...holder('one', '+5 NEW'), missingHolding: ['opening', 'complete-through'] };
    expect(judgedBeside(sound(5), one)).toEqual(['unverified', 'holdings not known: opening complete-through']);
  });
});

describe('ratio (rule 12)', () => {
  const ratioOf = (holders: readonly HolderSet[]) =>
    judgeCorporateAction({ holders, precisions: PRECISIONS }).ratios.map(({ ratio }) => ratio);

  test('is an open interval a unit wide to both sides, whether the partner cuts off or rounds', () => {
    const holders = [
      holder('cut', '-3.05300681 OLD, +3.05300681 OLD, +1.5265034 NEW'),
      holder('rounded', '-3.05300681 OLD, +3.05300681 OLD, +1.52650341 NEW'),
    ];
    const judged = judgeCorporateAction({ holders, precisions: PRECISIONS });
    expect(judged.judgements.map(({ verdict }) => verdict)).toEqual(['complete', 'complete']);
    expect(judged.judgements[0]?.expectedNew).toEqual({ 'asset:new': { low: '1.5265034', high: '1.52650341' } });
    expect(ratioOf([holder('a', '-10 OLD, +10 OLD, +5 NEW'), holder('b', '-10 OLD, +10 OLD, +5 NEW')])).toEqual([
      { low: '0.499999999', high: '0.500000001' },
    ]);
  });

  test.each([
    ['one set proves none', ['5'], null],
    ['two sets prove one', ['5', '5'], '0.499999999'],
    ['one of three that contradicts does not', ['5', '5', '7'], '0.499999999'],
    ['two of four are no majority', ['5', '5', '7', '8'], null],
    ['two against two are none', ['5', '5', '7', '7'], null],
  ])('%s', (_name, received, low) => {
    const holders = received.map((amount, index) => holder(`h${index}`, `-10 OLD, +10 OLD, +${amount} NEW`));
    expect(ratioOf(holders)[0]?.low ?? null).toBe(low);
  });

  test('a set with a named break has no vote, one with cash in lieu has none either', () => {
    const holders = [
      holder('a', '-10 OLD, +10 OLD, +5 NEW'),
      holder('b', '-10 OLD, +10 OLD, +7 NEW', null, { contradictedBy: '8' }),
      holder('c', '-10 OLD, +10 OLD, +7 NEW, +1 EURO'),
    ];
    const [ratio] = judgeCorporateAction({ holders, precisions: PRECISIONS }).ratios;
    expect(ratio).toMatchObject({ completeSets: 1, agreeingSets: 1, ratio: null });
  });
});

describe('spin-off (rule 13)', () => {
  test('an instrument that two holders and a tenth of the receivers received is a new one, and is missed elsewhere', () => {
    const two = [1, 2].map((index) => holder(`two-${index}`, '-10 OLD, +10 OLD, +5 NEW, +3 OTHER'));
    const without = holder('one', '-10 OLD, +10 OLD, +5 NEW');
    expect(judgedBeside([...sound(17), ...two], without)).toEqual(['break', 'missing-leg new-in 3']);
    expect(judgedBeside([...sound(19), ...two], without)).toEqual(['complete']);
    const judged = judgeCorporateAction({ holders: [...sound(19), ...two], precisions: PRECISIONS });
    expect(judged.newInstruments).toEqual(['asset:new']);
    expect(judged.ratios).toMatchObject([{ instrument: 'asset:new', completeSets: 19, agreeingSets: 19 }]);
  });
});

describe('money that is held', () => {
  const heldOf = (one: HolderSet) =>
    judgeCorporateAction({ holders: [one], precisions: PRECISIONS }).judgements[0]?.held;

  test('is that of a surplus or contradicted movement alone', () => {
    const type = 'delisting';
    expect(heldOf(holder('u', '-2 OLD, +4 EURO, +4 EURO', null, { type }))).toEqual(['u-2']);
    expect(heldOf(holder('u', '-2 OLD, +4 EURO, +5 OTHER', null, { type }))).toEqual(['u-2']);
    expect(heldOf(holder('u', '+4 EURO', null, { type }))).toEqual([]);
    expect(heldOf(holder('u', '-2 OLD & +4 EURO', null, { type, contradictedBy: '5' }))).toEqual(['u-0']);
  });

  test('is the later of two by time of credit, whichever came first', () => {
    const { movements, ...one } = holder('u', '+4 EURO @10:05, +4 EURO @10:04', null, { type: 'dividend' });
    expect(heldOf({ ...one, movements })).toEqual(['u-0']);
    expect(heldOf({ ...one, movements: [...movements].reverse() })).toEqual(['u-0']);
  });
});

describe('money taken back (rule 4)', () => {
  test('after it was passed on is of the wrong sign', () => {
    const { movements, ...one } = holder('one', '+100 EURO, -100 EURO', null, { type: 'dividend' });
    const paid = { ...one, movements: movements.map((m) => (m.amount === '100' ? { ...m, paid: '100' } : m)) };
    expect(judgedBeside([], paid)).toEqual(['break', 'wrong-sign fiat']);
    const lessened = { ...one, movements: movements.map((m) => (m.amount === '100' ? { ...m, paid: '0' } : m)) };
    expect(judgedBeside([], lessened)).toEqual(['unverified', 'nothing left:']);
  });
});
