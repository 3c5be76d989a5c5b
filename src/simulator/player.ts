import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { FindingKind } from '../domain/subject';
import type { PartnerProfile, Saying, SimulatedObject } from './kind';
import type { Observer } from './observer';
import type { Script, Step } from './script';
import type { Delivery, Manner, Sender } from './sender';
import type { World } from './world';

/** What playing needs. */
export interface Stage {
  readonly profile: PartnerProfile;
  readonly world: World;
  readonly sender: Sender;
  /** The due time that the policy in force gives every state. */
  readonly dueMs: number;
  readonly signal: AbortSignal;
  /** Null: nobody looks, and only the waits that a script names are waited. */
  readonly observer: Observer | null;
}

interface Said {
  readonly saying: Saying;
  readonly delivery: Delivery;
}

/** Where a course stands: the last authentic webhook, which later steps may repeat or contradict, and what was just sent. */
interface Course {
  readonly last: Said | null;
  /** The receiver's id of what the last step sent; null where it sent nothing, or nothing was kept. */
  readonly deliveryId: string | null;
}

function current(stage: Stage, id: string): SimulatedObject {
  const object = stage.world.find(id);
  if (object === undefined) throw new Error(`${stage.profile.partner} keeps no object ${id}`);
  return object;
}

function newSaying(status: string | null, reason: string | null): Saying {
  return { status, reason, altered: false, eventId: randomUUID(), at: new Date().toISOString() };
}

/** Sends what is to be said about the object as it now is. */
async function say(stage: Stage, id: string, saying: Saying, manner: Manner): Promise<Course & { last: Said }> {
  const object = current(stage, id);
  const kind = stage.world.kindOf(object.kind);
  const body = manner === 'not JSON' ? `{"${object.id}": ` : JSON.stringify(kind.webhook(object, saying));
  const event = kind.event(saying);
  const delivery: Delivery = { object, route: kind.route, event, status: saying.status, manner, body };
  const deliveryId = await stage.sender.send(delivery);
  return { last: { saying, delivery }, deliveryId };
}

function lastSaid({ last }: Course): Said {
  if (last === null) throw new Error('a script repeats or contradicts before it has delivered anything');
  return last;
}

/** A cancel that comes too late changes nothing and, as documented, sends nothing. */
async function cancel(stage: Stage, id: string, course: Course): Promise<Course> {
  const object = current(stage, id);
  const rule = stage.world.kindOf(object.kind).cancel;
  if (!rule?.from.includes(object.state ?? '')) return course;
  stage.world.advance(id, rule.to);
  return say(stage, id, newSaying(rule.to, null), 'plain');
}

/** Certainly overdue, and read, on a machine that is not busy. */
const UNOBSERVED_OVERDUE = 1.5;

async function untilFound(stage: Stage, id: string, finding: FindingKind): Promise<void> {
  if (stage.observer !== null) return stage.observer.found(current(stage, id).workflowId, finding);
  await delay(UNOBSERVED_OVERDUE * stage.dueMs, undefined, { signal: stage.signal });
}

/** Long enough, on a machine that is not busy, for a flow to fold and to read; well before anything is due. */
const UNOBSERVED_DUE = 0.5;

/** Waits until the flow has done what the last step brings about: until that is seen, or for a while. */
async function rest(stage: Stage, id: string): Promise<void> {
  if (stage.observer !== null) return stage.observer.atRest(current(stage, id).workflowId);
  await delay(UNOBSERVED_DUE * stage.dueMs, undefined, { signal: stage.signal });
}

/** Waits until what was just sent has been taken in: the next step may show a read the next state. */
async function settle(stage: Stage, id: string, deliveryId: string): Promise<void> {
  await stage.observer?.taken(deliveryId);
  await rest(stage, id);
}

/** Does one step. */
async function playStep(stage: Stage, id: string, step: Step, course: Course): Promise<Course> {
  const { last } = course;
  const nothingSent: Course = { last, deliveryId: null };
  switch (step.do) {
    case 'advance':
      stage.world.advance(id, step.state);
      return nothingSent;
    case 'deliver':
      return say(stage, id, newSaying(step.status, null), 'plain');
    case 'deliver-answer-lost':
      return say(stage, id, newSaying(step.status, null), 'answer lost');
    case 'forge':
      await say(stage, id, newSaying(step.status, null), 'forged');
      return nothingSent;
    case 'repeat':
      return { last, deliveryId: await stage.sender.send({ ...lastSaid(course).delivery, manner: 'repeated' }) };
    case 'contradict':
      return { ...(await say(stage, id, { ...lastSaid(course).saying, altered: true }, 'contradicting')), last };
    case 'refuse-update':
      return say(stage, id, newSaying(null, step.reason), 'refused update');
    case 'garble':
      return { ...(await say(stage, id, newSaying(null, null), 'not JSON')), last };
    case 'cancel':
      return cancel(stage, id, nothingSent);
    case 'reads':
      stage.world.setFault(id, step.fault, step.requests);
      return nothingSent;
    case 'until-found':
      await untilFound(stage, id, step.finding);
      return nothingSent;
    case 'wait':
      await delay(step.due * stage.dueMs, undefined, { signal: stage.signal });
      return nothingSent;
  }
}

/** Does the steps one after the other, each delivery answered and taken in before the next step begins. */
export async function playSteps(stage: Stage, id: string, steps: readonly Step[]): Promise<void> {
  let course: Course = { last: null, deliveryId: null };
  for (const step of steps) {
    stage.signal.throwIfAborted();
    if (course.deliveryId !== null) await settle(stage, id, course.deliveryId);
    course = await playStep(stage, id, step, course);
  }
}

/** A new object for a script of this partner. */
export function cast(stage: Stage, script: Script): SimulatedObject {
  if (script.partner !== stage.profile.partner) {
    throw new Error(`the script ${script.name} is for ${script.partner}, not for ${stage.profile.partner}`);
  }
  return stage.world.create(script.kind, script.name);
}
