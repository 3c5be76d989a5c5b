import type { Judgement, Unknown } from './corporate-action';

/** The judgement while the partner cannot be asked: what looks like a break may be a movement on its way. */
export function doubted(judgement: Judgement | null): Judgement | null {
  if (judgement?.verdict !== 'break') return judgement;
  return { ...judgement, verdict: 'unverified', breaks: [], unknown: [NOT_REACHED] };
}

const NOT_REACHED: Unknown = { reason: 'partner not reached', missing: [] };
