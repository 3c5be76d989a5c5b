import { setTimeout as delay } from 'node:timers/promises';

import { type SubjectKey, workflowIdOf } from '../domain/subject-key';
import type { FindingKind } from '../domain/subject';
import type { SimulatedObject } from './kind';
import { isSilent, type Script, type SilentStep, type Step } from './script';
import type { Stage } from './stage';
import { type Arrived, type Course, current, idOf, sendStep } from './sending';

/** Run of the steps one after the other, each delivery answered and handled before the next step begins. */
export async function playSteps(stage: Stage, id: string, steps: readonly Step[]): Promise<void> {
  let course: Course = { last: null, arrived: null };
  for (const step of steps) {
    stage.signal.throwIfAborted();
    if (course.arrived !== null) await untilHandled(stage, course.arrived);
    if (isSilent(step)) {
      await doSilently(stage, id, step);
      course = { last: course.last, arrived: null };
    } else course = await sendStep(stage, id, step, course);
  }
}

/**
 * Wait in due times that is enough for a flow to fold and to read, on a machine that is not busy, and well before
 * anything is due.
 */
const UNOBSERVED_DUE = 0.5;

/** Wait until the webhook just sent was folded and acted on: the next step may change what a read shows. */
async function untilHandled(stage: Stage, arrived: Arrived): Promise<void> {
  const { observer, dueMs, signal } = stage;
  if (arrived.deliveryId === null) return;
  if (observer === null) {
    await delay(UNOBSERVED_DUE * dueMs, undefined, { signal });
    return;
  }
  await observer.taken(arrived.deliveryId);
  await observer.atRest(workflowIdOfArrived(stage, arrived));
}

/** Workflow that the sent webhook has reached. */
function workflowIdOfArrived(stage: Stage, { object, deliveryId }: Arrived): string {
  return object.workflowId ?? workflowIdOf({ ...keyOf(stage, object), id: deliveryId ?? '' });
}

function keyOf({ profile, world }: Stage, { id, kind }: SimulatedObject): SubjectKey {
  return { partner: profile.partner, object: world.kindOf(kind).object, id };
}

/** Step without a webhook, or a wait. */
async function doSilently(stage: Stage, id: string, step: SilentStep): Promise<void> {
  switch (step.do) {
    case 'advance':
      stage.world.advance(idOf(stage, id, step.of), step.state);
      return;
    case 'reads':
      stage.world.setFault(idOf(stage, id, step.of), step.fault, step.requests);
      return;
    case 'sweep':
      return sweep(stage, id);
    case 'until-owed':
      return stage.observer?.owes(current(stage, id).workflowId ?? '', step.word);
    case 'expect':
      return stage.observer?.expect(keyOf(stage, current(stage, id)));
    case 'signals':
      stage.observer?.refuseSignals(current(stage, id).workflowId ?? '', step.refusedWith);
      return;
    case 'retry':
      return retry(stage, id);
    case 'until-found':
      return untilFound(stage, id, step.finding);
    case 'wait':
      await delay(step.due * stage.dueMs, undefined, { signal: stage.signal });
  }
}

async function sweep({ world, profile, observer }: Stage, id: string): Promise<void> {
  const workflowId = world.find(id)?.workflowId ?? null;
  if (observer === null || workflowId === null) return;
  await observer.swept(profile.partner, workflowId);
  await observer.atRest(workflowId);
}

async function retry({ sender, observer }: Stage, id: string): Promise<void> {
  const kept = sender.sent.flatMap(({ objectId, deliveryId }) => (objectId === id ? (deliveryId ?? []) : []));
  for (const deliveryId of new Set(kept)) await observer?.retry(deliveryId);
}

/** Wait in due times after which a flow is certainly overdue, and read, on a machine that is not busy. */
const UNOBSERVED_OVERDUE = 1.5;

async function untilFound(stage: Stage, id: string, finding: FindingKind): Promise<void> {
  const { workflowId } = current(stage, id);
  if (stage.observer !== null && workflowId !== null) return stage.observer.found(workflowId, finding);
  await delay(UNOBSERVED_OVERDUE * stage.dueMs, undefined, { signal: stage.signal });
}

/** New object for a script of this partner, with those that belong to it. */
export function cast(stage: Stage, script: Script): SimulatedObject {
  if (script.partner !== stage.profile.partner) {
    throw new Error(`the script ${script.name} is for ${script.partner}, not for ${stage.profile.partner}`);
  }
  const related = Object.entries(script.companions ?? {}).map(([role, kind]): [string, string] => [
    role,
    stage.world.create(kind, script.name).id,
  ]);
  return stage.world.create(script.kind, script.name, Object.fromEntries(related));
}
