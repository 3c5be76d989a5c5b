import { setTimeout as delay } from 'node:timers/promises';

import type { Played } from '../src/simulator/server';
import { processProblems } from './bounds';
import { deliveryProblems } from './delivery-problems';
import { messageProblems } from './message-problems';
import type { Place } from './place';
import { subjectProblems } from './subject-problems';

/** Time from the last step to the last word: due times pass, and what faults held up is done. */
const PATIENCE_MS = 180_000;
const PAUSE_MS = 2_000;

/** Sentences of what is not as it must be, once everything had its time; none where all is well. */
export async function judge(place: Place, played: readonly Played[]): Promise<readonly string[]> {
  const endMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const problems = await problemsNow(place, played);
    if (problems.length === 0 || Date.now() > endMs) return problems;
    await delay(PAUSE_MS);
  }
}

async function problemsNow(place: Place, played: readonly Played[]): Promise<readonly string[]> {
  try {
    const deliveries = await deliveryProblems(place);
    const subjects = await subjectProblems(place, played);
    return [...deliveries, ...subjects, ...(await messageProblems(place)), ...(await processProblems(place))];
  } catch (error) {
    return [`the system cannot be asked: ${error instanceof Error ? error.message : 'failed'}`];
  }
}
