import { randomUUID } from 'node:crypto';

import type { WebhookContent, SimulatedObject } from './kind';
import type { SendingStep } from './script';
import type { Delivery, Manner } from './sender';
import type { Stage } from './stage';

/** Webhook that a step has just sent. */
export interface Arrived {
  readonly object: SimulatedObject;
  /** Id of the delivery at the receiver; null where it kept nothing. */
  readonly deliveryId: string | null;
}

interface LastSent {
  readonly content: WebhookContent;
  readonly delivery: Delivery;
}

/**
 * Progress of a course: the last authentic webhook, which later steps may repeat or contradict, and the one just
 * sent.
 */
export interface Course {
  readonly last: LastSent | null;
  readonly arrived: Arrived | null;
}

/** Object in its current state. */
export function current(stage: Stage, id: string): SimulatedObject {
  const object = stage.world.find(id);
  if (object === undefined) throw new Error(`${stage.profile.partner} keeps no object ${id}`);
  return object;
}

/** Id of the object of a role beside this one; its own where no role is named. */
export function idOf(stage: Stage, id: string, role: string | undefined): string {
  if (role === undefined) return id;
  const found = current(stage, id).related[role];
  if (found === undefined) throw new Error(`nothing plays the role ${role} in this script`);
  return found;
}

/** Step in which a webhook is sent, or lost on its way. */
export async function sendStep(stage: Stage, id: string, step: SendingStep, course: Course): Promise<Course> {
  const { last } = course;
  switch (step.do) {
    case 'deliver':
      return send(stage, idOf(stage, id, step.of), newContent(step.status, null), 'plain');
    case 'deliver-answer-lost':
      return send(stage, id, newContent(step.status, null), 'answer lost');
    case 'lose': {
      const content = newContent(step.status, null);
      announce(stage, compose(stage, id, content, 'plain'), content, true);
      return { last, arrived: null };
    }
    case 'forge':
      await send(stage, id, newContent(step.status, null), 'forged');
      return { last, arrived: null };
    case 'repeat': {
      const { delivery } = lastSent(course);
      const deliveryId = await stage.sender.send({ ...delivery, manner: 'repeated' });
      return { last, arrived: { object: delivery.object, deliveryId } };
    }
    case 'contradict':
      return { ...(await send(stage, id, { ...lastSent(course).content, altered: true }, 'contradicting')), last };
    case 'refuse-update':
      return send(stage, id, newContent(null, step.reason), 'refused update');
    case 'garble':
      return { ...(await send(stage, id, newContent(null, null), 'not JSON')), last };
    case 'cancel':
      return cancel(stage, id, { last, arrived: null });
  }
}

/** Webhook about the object in its current state. */
async function send(
  stage: Stage,
  id: string,
  content: WebhookContent,
  manner: Manner,
): Promise<Course & { last: LastSent }> {
  const delivery = compose(stage, id, content, manner);
  if (manner === 'plain' || manner === 'answer lost') announce(stage, delivery, content, false);
  const deliveryId = await stage.sender.send(delivery);
  return { last: { content, delivery }, arrived: { object: delivery.object, deliveryId } };
}

function compose(stage: Stage, id: string, content: WebhookContent, manner: Manner): Delivery {
  const object = current(stage, id);
  const kind = stage.world.kindOf(object.kind);
  const body = manner === 'not JSON' ? `{"${object.id}": ` : JSON.stringify(kind.webhook(object, content));
  return {
    object,
    route: kind.route(content, object),
    event: kind.event(content, object),
    status: content.status,
    manner,
    body,
  };
}

/** Entry in the list of webhooks that the partner has sent. */
function announce(
  { world }: Stage,
  { object, event, route }: Delivery,
  content: WebhookContent,
  isLost: boolean,
): void {
  const body = world.kindOf(object.kind).webhook(object, content);
  world.announce({ object, event, route, body, isLost, eventId: content.eventId, atMs: Date.now() });
}

function newContent(status: string | null, reason: string | null): WebhookContent {
  return { status, reason, altered: false, eventId: randomUUID(), at: new Date().toISOString() };
}

function lastSent({ last }: Course): LastSent {
  if (last === null) throw new Error('a script repeats or contradicts before it has delivered anything');
  return last;
}

/** Cancel. One that comes too late changes nothing and, as documented, sends nothing. */
async function cancel(stage: Stage, id: string, course: Course): Promise<Course> {
  const object = current(stage, id);
  const rule = stage.world.kindOf(object.kind).cancel;
  if (!rule?.from.includes(object.state ?? '')) return course;
  stage.world.advance(id, rule.to);
  return send(stage, id, newContent(rule.to, null), 'plain');
}
