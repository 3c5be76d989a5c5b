import { randomUUID } from 'node:crypto';

import type { Saying, SimulatedObject } from './kind';
import type { TellingStep } from './script';
import type { Delivery, Manner } from './sender';
import type { Stage } from './stage';

interface Said {
  readonly saying: Saying;
  readonly delivery: Delivery;
}

/** What a step has just sent. */
export interface Arrived {
  readonly object: SimulatedObject;
  /** The receiver's id; null where it kept nothing. */
  readonly deliveryId: string | null;
}

/** Where a course stands: the last authentic webhook, which later steps may repeat or contradict, and what was just sent. */
export interface Course {
  readonly last: Said | null;
  readonly arrived: Arrived | null;
}

/** The object as it now is. */
export function current(stage: Stage, id: string): SimulatedObject {
  const object = stage.world.find(id);
  if (object === undefined) throw new Error(`${stage.profile.partner} keeps no object ${id}`);
  return object;
}

/** The id of the object that plays the role beside this one; its own where no role is named. */
export function idOf(stage: Stage, id: string, role: string | undefined): string {
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

/** A webhook that goes over the wire, or is lost on its way. */
export async function tell(stage: Stage, id: string, step: TellingStep, course: Course): Promise<Course> {
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
