import { Semaphore } from 'async-mutex';

import { demonstration } from '../simulator/catalogue';
import type { Observer } from '../simulator/observer';
import type { Script } from '../simulator/script';
import type { Sent } from '../simulator/sender';
import type { Played, Simulator } from '../simulator/server';
import type { Stack } from './stack';

/** Requests that the simulated partners have sent. */
export function sentBy({ simulators }: Stack): readonly Sent[] {
  return Object.values(simulators).flatMap((simulator) => simulator?.sent() ?? []);
}

/**
 * Play of every script, a few at a time. Those with a sweep come last: while other webhooks still wait for dispatch,
 * nothing can be called lost.
 */
export async function play(stack: Stack, observer: Observer): Promise<readonly Played[]> {
  const isSwept = ({ steps }: Script): boolean => steps.some((step) => step.do === 'sweep');
  const first = inOrder(demonstration.filter((script) => !isSwept(script)));
  const played = await playAll(stack, first, observer);
  return [...played, ...(await playAll(stack, demonstration.filter(isSwept), observer))];
}

/** Scripts in the order of their start: those that let something become overdue take longest, and begin. */
function inOrder(scripts: readonly Script[]): readonly Script[] {
  const isLong = ({ expected }: Script): boolean =>
    !('exactly' in expected.findings) || expected.findings.exactly.length > 0;
  return [...scripts.filter(isLong), ...scripts.filter((script) => !isLong(script))];
}

/**
 * Number of scripts at a time, without those that wait for something to be overdue. With more, on a slow machine, the
 * delay of our own flows would be taken for the partner's.
 */
const MOST_UNDER_WAY = 8;

async function playAll(
  { simulators }: Stack,
  scripts: readonly Script[],
  observer: Observer,
): Promise<readonly Played[]> {
  const semaphore = new Semaphore(MOST_UNDER_WAY);
  const plays = scripts.flatMap((script) => {
    const simulator = simulators[script.partner] ?? null;
    if (simulator === null) return [];
    return [
      script.isBurst === true ? simulator.play(script, observer) : playWithin(semaphore, simulator, script, observer),
    ];
  });
  return Promise.all(plays);
}

/**
 * Play of a script when the semaphore allows it. While the script waits for something to be overdue, the next one may
 * begin.
 */
function playWithin(semaphore: Semaphore, simulator: Simulator, script: Script, observer: Observer): Promise<Played> {
  const elsewhere = async (waiting: Promise<void>): Promise<void> => {
    semaphore.release();
    await waiting;
    // Below zero if need be: a script that is late already is not made later, others wait instead.
    semaphore.setValue(semaphore.getValue() - 1);
  };
  const observed: Observer = { ...observer, found: (...what) => elsewhere(observer.found(...what)) };
  return semaphore.runExclusive(() => simulator.play(script, observed));
}
