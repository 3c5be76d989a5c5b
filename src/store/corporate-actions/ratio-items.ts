import type { InstrumentRatio } from '../../domain/lifecycles/corporate-actions/corporate-action';

/** Ratio of one new instrument, an open interval; both ends are null while nothing is proved. */
export interface RatioItem {
  readonly instrument: string;
  readonly low: string | null;
  readonly high: string | null;
  /** Sets that prove something about it. */
  readonly completeSets: number;
  /** Sets among them that agree. */
  readonly agreeingSets: number;
}

/** Ratio as it is listed. */
export function ratioItem({ ratio, ...one }: InstrumentRatio): RatioItem {
  return { ...one, low: ratio?.low ?? null, high: ratio?.high ?? null };
}

/** Ratio on which most sets agree; the first of those on which as many do. Null where there is none. */
export function mostAgreedOn(ratios: readonly InstrumentRatio[]): InstrumentRatio | null {
  const [first = null, ...others] = ratios;
  return others.reduce((most, one) => (one.agreeingSets > (most?.agreeingSets ?? 0) ? one : most), first);
}
