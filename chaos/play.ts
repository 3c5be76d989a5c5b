import { setTimeout as delay } from 'node:timers/promises';

import { ConstantBackoff, handleAll, retry } from 'cockatiel';

import { createObserver } from '../src/development/observer';
import { catalogue } from '../src/simulator/catalogue';
import type { Observer } from '../src/simulator/observer';
import type { Script } from '../src/simulator/script';
import type { Played } from '../src/simulator/server';
import { type Caused, cause } from './faults';
import type { Place } from './place';
import type { Plan, PlannedSubject } from './plan';

/** Result of a plan: objects that have gone through their scripts, and faults that were caused. */
export interface Run {
  readonly played: readonly Played[];
  readonly caused: readonly Caused[];
}

/** Longest time for one step's wait: faults that follow each other hold a flow up for some time. */
const STEP_PATIENCE_MS = 150_000;

/** Run of a plan: subjects live and faults happen side by side, each at its time. */
export async function run(place: Place, { subjects, faults }: Plan, say: (text: string) => void): Promise<Run> {
  const observer = patient(
    createObserver(place.operations, place.temporal, place.taskQueue, () => undefined, STEP_PATIENCE_MS),
  );
  const playing = subjects.map((subject) => playAt(place, subject, observer));
  const causing = faults.map(async (fault) => {
    await delay(fault.atMs);
    const caused = await cause(place, fault);
    say(`${fault.kind} for ${fault.forMs} ms${caused.failure === null ? '' : `: ${caused.failure}`}`);
    return caused;
  });
  return { caused: await Promise.all(causing), played: await Promise.all(playing) };
}

async function playAt(
  { simulators }: Place,
  { script: name, atMs }: PlannedSubject,
  observer: Observer,
): Promise<Played> {
  const script = scriptNamed(name);
  await delay(atMs);
  const simulator = simulators[script.partner] ?? null;
  if (simulator === null) throw new Error(`no simulated ${script.partner}`);
  return simulator.play(script, observer);
}

function scriptNamed(name: string): Script {
  const script = catalogue.find((one) => one.name === name);
  if (script === undefined) throw new Error(`no script is named ${name}`);
  return script;
}

/** Observer that asks again while the system cannot be asked, which is what faults are for. */
function patient(observer: Observer): Observer {
  const again = retry(handleAll, { maxAttempts: 300, backoff: new ConstantBackoff(200) });
  return {
    taken: (...what) => again.execute(() => observer.taken(...what)),
    atRest: (...what) => again.execute(() => observer.atRest(...what)),
    swept: (...what) => again.execute(() => observer.swept(...what)),
    expect: (...what) => again.execute(() => observer.expect(...what)),
    refuseSignals: observer.refuseSignals,
    // One that was brought in already is refused by name, however often it is asked for.
    retry: (...what) => again.execute(() => observer.retry(...what)).catch(() => undefined),
    owes: (...what) => again.execute(() => observer.owes(...what)),
    found: (...what) => again.execute(() => observer.found(...what)),
  };
}
