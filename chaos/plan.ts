import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

import { catalogue } from '../src/simulator/catalogue';
import type { Script } from '../src/simulator/script';
import { FAULT_KINDS, type FaultKind } from './fault-kinds';

/** Object of a partner, the script it takes, and its beginning after the start of the run. */
export interface PlannedSubject {
  readonly script: string;
  readonly atMs: number;
}

/** Fault, its beginning after the start of the run, and its duration. */
export interface PlannedFault {
  readonly kind: FaultKind;
  readonly atMs: number;
  readonly forMs: number;
}

/** All that a run does, made from its seed alone. */
export interface Plan {
  readonly seed: number;
  /** Time in which subjects begin and faults happen, milliseconds. */
  readonly lengthMs: number;
  /** True where every partner sends again what was not taken; else only those that say so. */
  readonly partnersInsist: boolean;
  readonly subjects: readonly PlannedSubject[];
  readonly faults: readonly PlannedFault[];
}

/** Size of a run. */
export interface PlanSize {
  readonly minutes: number;
  readonly subjects: number;
}

/** Scripts that a run can play: those that refuse signals need a Temporal that knows the flow. */
const PLAYABLE: readonly Script[] = catalogue.filter(({ steps }) => steps.every(({ do: what }) => what !== 'signals'));

/** Share of subjects that are holders of one spin-off, told to the end: they prove its ratio, and make it a large one. */
const HOLDERS_SHARE = 0.15;
const HOLDER = 'spin-off-complete';
/** Number of holders below which nobody can know the ratio of a spin-off. */
const FEWEST_HOLDERS = 6;

/** Runs of ten in which every partner insists: then nothing is lost but by script, and every end must be the script's. */
const INSISTING_OF_TEN = 7;

/** Plan of a seed: the same one each time. */
export function planOf(seed: number, { minutes, subjects }: PlanSize): Plan {
  const random = randomOf(seed);
  const lengthMs = Math.round(minutes * 60_000);
  const holders = Math.max(FEWEST_HOLDERS, Math.round(subjects * HOLDERS_SHARE));
  const others = Math.max(0, subjects - holders);
  const start = (): number => random(0, Math.round(lengthMs * 0.8));
  return {
    seed,
    lengthMs,
    partnersInsist: random(1, 10) <= INSISTING_OF_TEN,
    subjects: [
      ...Array.from({ length: holders }, () => ({ script: HOLDER, atMs: start() })),
      ...Array.from({ length: others }, () => ({ script: pick(random, PLAYABLE).name, atMs: start() })),
    ].sort((a, b) => a.atMs - b.atMs),
    faults: faultsWithin(random, lengthMs),
  };
}

/** Whole number from the first to the last, both included. */
type Random = (first: number, last: number) => number;

function randomOf(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return (first, last) => uniformInt(generator, first, last);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[random(0, items.length - 1)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

/** The system has time to start before the first fault, and between two there is time in which some work is done. */
const FIRST_FAULT_MS = 3_000;
const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 6_000;
const SHORTEST_FAULT_MS = 300;
const LONGEST_FAULT_MS = 6_000;

/** Faults one after the other, every kind as often as the others: each round is another order of all of them. */
function faultsWithin(random: Random, lengthMs: number): readonly PlannedFault[] {
  const faults: PlannedFault[] = [];
  let waiting: FaultKind[] = [];
  let atMs = FIRST_FAULT_MS;
  while (atMs < lengthMs) {
    if (waiting.length === 0) waiting = [...FAULT_KINDS];
    const kind = pick(random, waiting);
    waiting = waiting.filter((one) => one !== kind);
    const forMs = random(SHORTEST_FAULT_MS, LONGEST_FAULT_MS);
    faults.push({ kind, atMs, forMs });
    // Now and then the next one begins before this one is over.
    atMs += random(0, 3) === 0 ? Math.round(forMs / 2) : forMs + random(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS);
  }
  return faults;
}
