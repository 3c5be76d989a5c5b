import fc from 'fast-check';

/** What becomes of the notification of one state: when it comes after the one before, whether, how late, how often. */
export interface Fate {
  readonly gapHours: number;
  readonly lost: boolean;
  readonly delayHours: number;
  readonly copies: number;
}

/** Any fate; half of them are lost. */
export const fate: fc.Arbitrary<Fate> = fc.record({
  gapHours: fc.integer({ min: 1, max: 60 }),
  lost: fc.boolean(),
  delayHours: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 200 })),
  copies: fc.integer({ min: 1, max: 3 }),
});
