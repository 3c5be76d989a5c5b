/** Example of a rule of sets in words: a holder's movements beside other holders', and the judgement in short. */
export interface RuleExample {
  readonly rule: string;
  readonly type: string;
  readonly others: readonly string[];
  readonly words: string;
  /** What was held of the old share before; null where it is not known. */
  readonly before: string | null;
  readonly expected: readonly string[];
}

/** Words of sets that are complete in a ratio of one to two. */
export function soundWords(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const old = (index + 1) * 10;
    return `-${old} OLD, +${old} OLD, +${old / 2} NEW`;
  });
}

/** The examples of the rules of sets (`docs/corporate-actions.md` has those for readers beside them). */
export function ruleExamples(): readonly RuleExample[] {
  return [
    ...HELD.map(spunOff('holding before')),
    ...SPIN_OFFS.map(spunOff('spin-off')),
    ...NOTHING_CAME.map(spunOff('nothing came')),
    ...CASH_IN_LIEU.map(([words, expected]) => spunOff('cash in lieu')([words, null, expected])),
    ...CORRECTIONS.map(([words, expected]) => spunOff('a correction')([words, null, expected])),
    ...CONTRADICTED.map(([words, others, expected]) => ({
      ...{ rule: 'no majority', type: 'spin_off', others, words, before: null, expected },
    })),
    ...DIVIDENDS.map(([words, expected]) => ({
      ...{ rule: 'other types', type: 'dividend', others: [], words, before: null, expected },
    })),
    ...OTHER_TYPES.map(([type, words, expected]) => ({
      ...{ rule: 'other types', type, others: [], words, before: null, expected },
    })),
    ...SPLITS.map(([type, words, others, before, expected]) => ({
      ...{ rule: 'other types', type, others, words, before, expected },
    })),
  ];
}

type HeldRow = readonly [words: string, before: string | null, expected: readonly string[]];
type Row = readonly [words: string, expected: readonly string[]];

const spunOff =
  (rule: string) =>
  ([words, before, expected]: HeldRow): RuleExample => ({
    ...{ rule, type: 'spin_off', others: soundWords(5), words, before, expected },
  });

const HELD: readonly HeldRow[] = [
  ['+5 NEW', null, ['unverified', 'holdings not known: opening']],
  ['+5 NEW', '0', ['old-share-sold']],
  ['+5 NEW', '10', ['break', 'missing-leg old-out -10', 'missing-leg old-in 10']],
  ['+5 NEW', '-10', ['unverified', 'holdings not known: opening']],
];

const SPIN_OFFS: readonly HeldRow[] = [
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
];

const NOTHING_CAME: readonly HeldRow[] = [
  ['', '10', ['break', 'whole-set-missing old-out -10']],
  ['', '0.00000001', []],
  ['', '0', []],
  ['', null, []],
];

const CASH_IN_LIEU: readonly Row[] = [
  ['-11 OLD, +11 OLD, +5 NEW, +3 EURO', ['complete']],
  ['-11 OLD, +11 OLD, +5.5 NEW, +3 EURO', ['complete']],
  ['-11 OLD, +11 OLD, +5.2 NEW, +3 EURO', ['complete']],
  ['-11 OLD, +11 OLD, +4 NEW, +3 EURO', ['break', 'ratio-differs new-in 5.5']],
  ['-11 OLD, +11 OLD, +5.6 NEW, +3 EURO', ['break', 'ratio-differs new-in 5.5']],
  ['-11 OLD, +11 OLD, +3 EURO', ['break', 'missing-leg new-in 5.5']],
  ['-1.9 OLD, +1.9 OLD, +3 EURO', ['complete']],
  ['-2.1 OLD, +2.1 OLD, +3 EURO', ['break', 'missing-leg new-in 1.05']],
  ['-11 OLD, +11 OLD, +5 NEW & +3 EURO', ['break', 'ratio-differs new-in 5.5']],
];

const CORRECTIONS: readonly Row[] = [
  ['-10 OLD, +10 OLD, +5 NEW, +5 NEW, -5 NEW', ['complete']],
  ['-10 OLD, +10 OLD, +6 NEW, -6 NEW, +5 NEW', ['complete']],
  ['-10 OLD, +10 OLD, -10 OLD, +10 OLD, +5 NEW', ['complete']],
  ['-10 OLD, +10 OLD, +5 NEW, +10 OLD, -10 OLD, -5 NEW, -12 OLD, +12 OLD, +6 NEW', ['complete']],
  ['-10 OLD, +9 OLD, +5 NEW, -9 OLD, +10 OLD', ['complete']],
  ['-10 OLD, +10 OLD, +5 NEW, -12 OLD, +12 OLD', ['complete']],
  ['-10 OLD, +10 OLD, +5 NEW, -5 NEW', ['break', 'missing-leg new-in 5']],
  ['-10 OLD, +10 OLD, +5 NEW, +6 NEW, -5 NEW', ['break', 'ratio-differs new-in 5']],
  ['-10 OLD, +10 OLD, +5 NEW, +3 EURO, +3 EURO, -3 EURO', ['complete']],
];

/** Beside votes that contradict each other, or too few of them. */
const CONTRADICTED: readonly (readonly [words: string, others: readonly string[], expected: readonly string[]])[] = [
  ['-10 OLD, +10 OLD, +7 NEW', ['-10 OLD, +10 OLD, +5 NEW'], ['unverified', 'ratio not known: asset:new']],
  ['-10 OLD, +10 OLD, +5 NEW', ['-10 OLD, +10 OLD, +7 NEW'], ['unverified', 'ratio not known: asset:new']],
  [
    '-10 OLD, +10 OLD, +6 NEW, +3 EURO',
    ['-10 OLD, +10 OLD, +5 NEW', '-10 OLD, +10 OLD, +7 NEW'],
    ['unverified', 'ratio not known: asset:new'],
  ],
  ['-11 OLD, +11 OLD, +3 EURO', ['-10 OLD, +10 OLD, +5 NEW'], ['unverified', 'ratio not known: asset:new']],
  ['-10 OLD, +10 OLD, +5 NEW, +3 OTHER', [], ['complete']],
];

const DIVIDENDS: readonly Row[] = [
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
  ['-40 EURO, +100 EURO', ['complete']],
  ['+100 EURO, -100 EURO, +90 EURO, -90 EURO, +80 EURO', ['complete']],
  ['+100 EURO, -60 EURO, -60 EURO', ['break', 'wrong-sign fiat']],
];

const OTHER_TYPES: readonly (readonly [type: string, words: string, expected: readonly string[]])[] = [
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
];

const SPLITS: readonly (readonly [
  type: string,
  words: string,
  others: readonly string[],
  before: string | null,
  expected: readonly string[],
])[] = [
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
];
