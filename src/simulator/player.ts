import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { type SubjectKey, workflowIdOf } from '../domain/notification';
import type { FindingKind } from '../domain/subject';
import type { PartnerProfile, Saying, SimulatedObject } from './kind';
import type { Observer } from './observer';
import { isSilent, type Script, type SilentStep, type Step, type TellingStep } from './script';
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

/** What a step has just sent. */
interface Arrived {
  readonly object: SimulatedObject;
  /** The receiver's id; null where it kept nothing. */
  readonly deliveryId: string | null;
}

/** Where a course stands: the last authentic webhook, which later steps may repeat or contradict, and what was just sent. */
interface Course {
  readonly last: Said | null;
  readonly arrived: Arrived | null;
}

function current(stage: Stage, id: string): SimulatedObject {
  const object = stage.world.find(id);
  if (object === undefined) throw new Error(`${stage.profile.partner} keeps no object ${id}`);
  return object;
}

/** The id of the object that plays the role beside this one; its own where no role is named. */
function idOf(stage: Stage, id: string, role: string | undefined): string {
  if (role === undefined) return id;
  const found = current(stage, id).related[role];
  if (found === undefined) throw new Error(`nothing plays the role ${role} in this script`);
  return found;
}

function newSaying(status: string | null, reason: string | null): Saying {
  return { status, reason, altered: false, eventId: randomUUID(), at: new Date().toISOString() };
}

function compose(stage: Stage, id: string, saying: Saying, manner: Manner): Delivery {
  const object = current(stage, id);
  const kind = stage.world.kindOf(object.kind);
  const body = manner === 'not JSON' ? `{"${object.id}": ` : JSON.stringify(kind.webhook(object, saying));
  return {
    object,
    route: kind.route(saying, object),
    event: kind.event(saying, object),
    status: saying.status,
    manner,
    body,
  };
}

/** What the partner would tell who asks him what he has sent. */
function announce({ world }: Stage, { object, event, route }: Delivery, saying: Saying, isLost: boolean): void {
  const body = world.kindOf(object.kind).webhook(object, saying);
  world.announce({ object, event, route, body, isLost, eventId: saying.eventId, atMs: Date.now() });
}

/** Sends what is to be said about the object as it now is. */
async function say(stage: Stage, id: string, saying: Saying, manner: Manner): Promise<Course & { last: Said }> {
  const delivery = compose(stage, id, saying, manner);
  if (manner === 'plain' || manner === 'answer lost') announce(stage, delivery, saying, false);
  const deliveryId = await stage.sender.send(delivery);
  return { last: { saying, delivery }, arrived: { object: delivery.object, deliveryId } };
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
  const { workflowId } = current(stage, id);
  if (stage.observer !== null && workflowId !== null) return stage.observer.found(workflowId, finding);
  await delay(UNOBSERVED_OVERDUE * stage.dueMs, undefined, { signal: stage.signal });
}

function keyOf({ profile, world }: Stage, { id, kind }: SimulatedObject): SubjectKey {
  return { partner: profile.partner, object: world.kindOf(kind).object, id };
}

async function sweep({ world, profile, observer }: Stage, id: string): Promise<void> {
  const workflowId = world.find(id)?.workflowId ?? null;
  if (observer === null || workflowId === null) return;
  await observer.swept(profile.partner, workflowId);
  await observer.atRest(workflowId);
}

/** Long enough, on a machine that is not busy, for a flow to fold and to read; well before anything is due. */
const UNOBSERVED_DUE = 0.5;

/** The workflow that what was sent has reached. */
function workflowIdOfArrived(stage: Stage, { object, deliveryId }: Arrived): string {
  return object.workflowId ?? workflowIdOf({ ...keyOf(stage, object), id: deliveryId ?? '' });
}

/** Waits until what was just sent has been taken in and acted on: the next step may show a read the next state. */
async function settle(stage: Stage, arrived: Arrived): Promise<void> {
  const { observer, dueMs, signal } = stage;
  if (arrived.deliveryId === null) return;
  if (observer === null) {
    await delay(UNOBSERVED_DUE * dueMs, undefined, { signal });
    return;
  }
  await observer.taken(arrived.deliveryId);
  await observer.atRest(workflowIdOfArrived(stage, arrived));
}

/** A webhook that goes over the wire, or is lost on its way. */
async function tell(stage: Stage, id: string, step: TellingStep, course: Course): Promise<Course> {
  const { last } = course;
  switch (step.do) {
    case 'deliver':
      return say(stage, idOf(stage, id, step.of), newSaying(step.status, null), 'plain');
    case 'deliver-answer-lost':
      return say(stage, id, newSaying(step.status, null), 'answer lost');
    case 'lose': {
      const saying = newSaying(step.status, null);
      announce(stage, compose(stage, id, saying, 'plain'), saying, true);
      return { last, arrived: null };
    }
    case 'forge':
      await say(stage, id, newSaying(step.status, null), 'forged');
      return { last, arrived: null };
    case 'repeat': {
      const { delivery } = lastSaid(course);
      const deliveryId = await stage.sender.send({ ...delivery, manner: 'repeated' });
      return { last, arrived: { object: delivery.object, deliveryId } };
    }
    case 'contradict':
      return { ...(await say(stage, id, { ...lastSaid(course).saying, altered: true }, 'contradicting')), last };
    case 'refuse-update':
      return say(stage, id, newSaying(null, step.reason), 'refused update');
    case 'garble':
      return { ...(await say(stage, id, newSaying(null, null), 'not JSON')), last };
    case 'cancel':
      return cancel(stage, id, { last, arrived: null });
  }
}

/** What happens without a word to us, and what is waited for. */
async function pass(stage: Stage, id: string, step: SilentStep): Promise<void> {
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
    case 'until-found':
      return untilFound(stage, id, step.finding);
    case 'wait':
      await delay(step.due * stage.dueMs, undefined, { signal: stage.signal });
  }
}

/** Does the steps one after the other, each delivery answered and taken in before the next step begins. */
export async function playSteps(stage: Stage, id: string, steps: readonly Step[]): Promise<void> {
  let course: Course = { last: null, arrived: null };
  for (const step of steps) {
    stage.signal.throwIfAborted();
    if (course.arrived !== null) await settle(stage, course.arrived);
    if (isSilent(step)) {
      await pass(stage, id, step);
      course = { last: course.last, arrived: null };
    } else course = await tell(stage, id, step, course);
  }
}

/** A new object for a script of this partner, with those that belong to it. */
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
