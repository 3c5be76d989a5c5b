import type { HolderSet } from '../../../src/domain/lifecycles/corporate-actions/corporate-action';
import { judgeCorporateAction } from '../../../src/domain/lifecycles/corporate-actions/judge';
import { holder, judgedBeside, PRECISIONS, type MovementDetails, sound } from './set-words';

/** The judgement of a set in words beside complete ones of the ratio one to two. */
function beside(words: string, before: string | null = null, said: MovementDetails = {}, others = sound(5)) {
  return judgedBeside(others, holder('one', words, before, said));
}

describe('holding before (rule 11)', () => {
  const unknown = ['unverified', 'holdings not known: opening'];
  test.each([
    ['+5 NEW', null, unknown],
    ['+5 NEW', '0', ['old-share-sold']],
    ['+5 NEW', '10', ['break', 'missing-leg old-out -10', 'missing-leg old-in 10']],
    ['+5 NEW', '-10', unknown],
  ])('%s with %s held before', (words, before, expected) => {
    expect(beside(words, before)).toEqual(expected);
  });

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
  test.each([
    ['-10 OLD, +10 OLD, +5 NEW', null, ['complete']],
    ['-10 OLD, +10 OLD, +5.00000001 NEW', null, ['complete']],
    ['-10 OLD, +10 OLD, +6 NEW', null, ['break', 'ratio-differs new-in 5']],
    ['-10 OLD, +10 OLD, +6 NEW', '12', ['complete']],
    ['-10 OLD, +10 OLD, +4 NEW', '12', ['break', 'ratio-differs new-in 5']],
    ['-0.00000001 OLD, +0.00000001 OLD', null, ['new-share-too-small']],
    ['-0.00000002 OLD, +0.00000002 OLD', null, ['unverified', 'ratio not close enough: asset:new']],
    ['-0.00000003 OLD, +0.00000003 OLD', null, ['break', 'missing-leg new-in 0.00000001']],
    ['-10 OLD, +9 OLD, +5 NEW', null, ['break', 'quantity-differs old-in 10']],
    ['-10 OLD, +5 NEW', null, ['break', 'missing-leg old-in 10']],
    ['+10 OLD, +5 NEW', null, ['break', 'missing-leg old-out -10']],
    ['-10 OLD, +10 OLD, +5 NEW, +5 NEW', null, ['break', 'surplus-leg new-in']],
    ['-10 OLD, +10 OLD, -10 OLD, +5 NEW', null, ['break', 'surplus-leg old-out']],
    ['-10 OLD, +10 OLD, +5 NEW, +3 OTHER', null, ['break', 'mixed-instruments new-in']],
    ['-10 OLD, +10 OLD, +5 NEW, -3 OTHER', null, ['break', 'mixed-instruments old-out asset:old']],
    ['-10 OLD, +10 OLD, -5 NEW', null, ['break', 'wrong-sign new-in', 'missing-leg new-in 5']],
  ])('%s with %s held before', (words, before, expected) => {
    expect(beside(words, before)).toEqual(expected);
  });

  test('two that contradict each other are both unverified', () => {
    const [a, b] = [holder('a', '-10 OLD, +10 OLD, +5 NEW'), holder('b', '-10 OLD, +10 OLD, +7 NEW')];
    expect(judgedBeside([a], b)).toEqual(['unverified', 'ratio not known: asset:new']);
    expect(judgedBeside([b], a)).toEqual(['unverified', 'ratio not known: asset:new']);
  });

  test('while only one holder has received anything, all of it is new', () => {
    expect(judgedBeside([], holder('one', '-10 OLD, +10 OLD, +5 NEW, +3 OTHER'))).toEqual(['complete']);
  });

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

describe('nothing came (rule 14)', () => {
  test.each([
    ['', '10', ['break', 'whole-set-missing old-out -10']],
    ['', '0.00000001', []],
    ['', '0', []],
    ['', null, []],
  ])('%s of a holder with %s', (words, before, expected) => {
    expect(beside(words, before)).toEqual(expected);
  });
});

describe('cash in lieu and corrections (rule 15)', () => {
  test.each([
    ['-11 OLD, +11 OLD, +5 NEW, +3 EURO', ['complete']],
    ['-11 OLD, +11 OLD, +5.5 NEW, +3 EURO', ['complete']],
    ['-11 OLD, +11 OLD, +5.2 NEW, +3 EURO', ['complete']],
    ['-11 OLD, +11 OLD, +4 NEW, +3 EURO', ['break', 'ratio-differs new-in 5.5']],
    ['-11 OLD, +11 OLD, +5.6 NEW, +3 EURO', ['break', 'ratio-differs new-in 5.5']],
    ['-11 OLD, +11 OLD, +3 EURO', ['break', 'missing-leg new-in 5.5']],
    ['-1.9 OLD, +1.9 OLD, +3 EURO', ['complete']],
    ['-2.1 OLD, +2.1 OLD, +3 EURO', ['break', 'missing-leg new-in 1.05']],
    ['-11 OLD, +11 OLD, +5 NEW & +3 EURO', ['break', 'ratio-differs new-in 5.5']],
  ])('cash: %s', (words, expected) => {
    expect(beside(words)).toEqual(expected);
  });

  test('beside votes that contradict each other money leaves the new share unverified', () => {
    const others = [holder('a', '-10 OLD, +10 OLD, +5 NEW'), holder('b', '-10 OLD, +10 OLD, +7 NEW')];
    const one = holder('one', '-10 OLD, +10 OLD, +6 NEW, +3 EURO');
    expect(judgedBeside(others, one)).toEqual(['unverified', 'ratio not known: asset:new']);
  });

  test('money alone proves nothing while no ratio is known', () => {
    const alone = holder('one', '-11 OLD, +11 OLD, +3 EURO');
    expect(judgedBeside([holder('a', '-10 OLD, +10 OLD, +5 NEW')], alone)).toEqual([
      'unverified',
      'ratio not known: asset:new',
    ]);
  });

  test.each([
    ['-10 OLD, +10 OLD, +5 NEW, +5 NEW, -5 NEW', ['complete']],
    ['-10 OLD, +10 OLD, +6 NEW, -6 NEW, +5 NEW', ['complete']],
    ['-10 OLD, +10 OLD, -10 OLD, +10 OLD, +5 NEW', ['complete']],
    ['-10 OLD, +10 OLD, +5 NEW, +10 OLD, -10 OLD, -5 NEW, -12 OLD, +12 OLD, +6 NEW', ['complete']],
    ['-10 OLD, +9 OLD, +5 NEW, -9 OLD, +10 OLD', ['complete']],
    ['-10 OLD, +10 OLD, +5 NEW, -12 OLD, +12 OLD', ['complete']],
    ['-10 OLD, +10 OLD, +5 NEW, -5 NEW', ['break', 'missing-leg new-in 5']],
    ['-10 OLD, +10 OLD, +5 NEW, +6 NEW, -5 NEW', ['break', 'ratio-differs new-in 5']],
    ['-10 OLD, +10 OLD, +5 NEW, +3 EURO, +3 EURO, -3 EURO', ['complete']],
  ])('a correction: %s', (words, expected) => {
    expect(beside(words)).toEqual(expected);
  });
});

describe('other types (rule 16)', () => {
  const ofType = (type: string, words: string, others: readonly string[] = [], before: string | null = null) =>
    judgedBeside(
      others.map((one, index) => holder(`other-${index}`, one, null, { type })),
      holder('one', words, before, { type }),
    );

  test.each([
    ['+100 EURO', ['complete']],
    ['+3 NEW', ['complete']],
    ['+3 NEW, +100 EURO', ['complete']],
    ['+100 EURO, +100 EURO', ['break', 'surplus-leg fiat']],
    ['+3 NEW, +100 EURO, +4 NEW', ['break', 'surplus-leg new-in']],
    ['+100 EURO, -100 EURO, +90 EURO', ['complete']],
    ['+3 NEW, -3 NEW, +2 NEW', ['complete']],
    ['+100 EURO, -10 EURO', ['complete']],
    ['+100 EURO, -110 EURO', ['break', 'wrong-sign fiat']],
    ['-100 EURO', ['break', 'wrong-sign fiat']],
    ['-3 NEW', ['break', 'wrong-sign old-out incoming']],
    ['+100 EURO, -100 EURO', ['unverified', 'nothing left:']],
  ])('dividend: %s', (words, expected) => {
    expect(ofType('dividend', words)).toEqual(expected);
  });

  test.each([
    ['delisting', '-2 OLD & +4 EURO', ['complete']],
    ['delisting', '-2 OLD, +4 EURO', ['complete']],
    ['merger_cash', '-2 OLD', ['break', 'missing-leg fiat']],
    ['delisting', '-2 OLD, +4 EURO, -4 EURO', ['break', 'missing-leg fiat']],
    ['delisting', '+2 OLD, +4 EURO', ['break', 'wrong-sign old-out']],
    ['delisting', '-2 OLD, +2 OLD, -3 OLD, +4 EURO', ['complete']],
    ['capital_repayment', '-2 OLD, +4 EURO', ['unverified', 'type not known:']],
    ['merger_stock', '-10 OLD, +5 NEW', ['complete']],
    ['merger_stock', '-10 OLD, +10 OLD, -8 OLD, +4 NEW', ['complete']],
    ['merger_stock', '+10 OLD', ['unverified', 'old share not known:']],
  ])('%s: %s', (type, words, expected) => {
    expect(ofType(type, words)).toEqual(expected);
  });

  test.each([
    ['stock_split', '+10 OLD', [], null, ['complete']],
    ['stock_split', '-10 OLD, +20 OLD', [], null, ['complete']],
    ['stock_split', '-10 OLD, +20 NEW', [], null, ['complete']],
    ['stock_split', '-10 OLD', [], null, ['break', 'wrong-sign old-out']],
    ['stock_split', '+10 OLD, -10 OLD, +12 OLD', [], null, ['complete']],
    ['stock_split', '-10 OLD', ['-10 OLD, +20 NEW', '-20 OLD, +40 NEW'], null, ['break', 'missing-leg new-in']],
    ['stock_split', '+10 NEW', ['-10 OLD, +20 NEW'], null, ['unverified', 'other leg not known:']],
    ['reverse_stock_split', '-9 OLD', [], null, ['complete']],
    ['reverse_stock_split', '+9 OLD', [], null, ['break', 'wrong-sign new-in']],
    ['reverse_stock_split', '-9 OLD', ['-10 OLD, +1 OLD'], '9', ['break', 'missing-leg new-in']],
    ['reverse_stock_split', '-9 OLD', ['-10 OLD, +1 OLD'], '10', ['complete']],
    ['reverse_stock_split', '-9 OLD', ['-10 OLD, +1 OLD'], null, ['unverified', 'holdings not known: opening']],
    ['reverse_stock_split', '-9 OLD, +3 EURO', ['-20 OLD, +2 NEW', '-30 OLD, +3 NEW'], null, ['complete']],
    ['reverse_stock_split', '-9 OLD & +3 EURO', ['-20 OLD, +2 NEW', '-30 OLD, +3 NEW'], '9', ['complete']],
    [
      'reverse_stock_split',
      '-19 OLD, +3 EURO',
      ['-20 OLD, +2 NEW', '-30 OLD, +3 NEW'],
      null,
      ['break', 'missing-leg new-in 1.9'],
    ],
    ['reverse_stock_split', '-9 OLD, +3 EURO', [], '9', ['unverified', 'ratio not known:']],
  ])('%s: %s beside %j with %s held before', (type, words, others, before, expected) => {
    expect(ofType(type, words, others, before)).toEqual(expected);
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
  const verdictOf = (words: string, said: MovementDetails = {}) =>
    beside(words, null, { type: 'dividend', ...said }, []);

  test('lessens what is open in whatever order it was credited, and what is beyond that is of the wrong sign', () => {
    expect(verdictOf('-40 EURO, +100 EURO')).toEqual(['complete']);
    expect(verdictOf('+100 EURO, -100 EURO, +90 EURO, -90 EURO, +80 EURO')).toEqual(['complete']);
    expect(verdictOf('+100 EURO, -60 EURO, -60 EURO')).toEqual(['break', 'wrong-sign fiat']);
  });

  test('after it was passed on is of the wrong sign', () => {
    const { movements, ...one } = holder('one', '+100 EURO, -100 EURO', null, { type: 'dividend' });
    const paid = { ...one, movements: movements.map((m) => (m.amount === '100' ? { ...m, paid: '100' } : m)) };
    expect(judgedBeside([], paid)).toEqual(['break', 'wrong-sign fiat']);
    const lessened = { ...one, movements: movements.map((m) => (m.amount === '100' ? { ...m, paid: '0' } : m)) };
    expect(judgedBeside([], lessened)).toEqual(['unverified', 'nothing left:']);
  });
});
