import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { PartnerProfile, Saying, SimulatedObject } from './kind';
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
}

interface Said {
  readonly saying: Saying;
  readonly delivery: Delivery;
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
async function say(stage: Stage, id: string, saying: Saying, manner: Manner): Promise<Said> {
  const object = current(stage, id);
  const kind = stage.world.kindOf(object.kind);
  const body = manner === 'not JSON' ? `{"${object.id}": ` : JSON.stringify(kind.webhook(object, saying));
  const event = kind.event(saying);
  const delivery: Delivery = { object, route: kind.route, event, status: saying.status, manner, body };
  await stage.sender.send(delivery);
  return { saying, delivery };
}

function lastSaid(last: Said | null): Said {
  if (last === null) throw new Error('a script repeats or contradicts before it has delivered anything');
  return last;
}

/** A cancel that comes too late changes nothing and, as documented, sends nothing. */
async function cancel(stage: Stage, id: string, last: Said | null): Promise<Said | null> {
  const object = current(stage, id);
  const rule = stage.world.kindOf(object.kind).cancel;
  if (!rule?.from.includes(object.state ?? '')) return last;
  stage.world.advance(id, rule.to);
  return say(stage, id, newSaying(rule.to, null), 'plain');
}

const MOST_DUE_UNTIL_READ = 6;

/** Gives up after a while, so that a flow that never reads is seen as what it is: not as its script says. */
async function untilRead(stage: Stage, id: string, requests: number): Promise<void> {
  const enough = stage.world.readsOf(id) + requests;
  const endMs = Date.now() + MOST_DUE_UNTIL_READ * stage.dueMs;
  while (stage.world.readsOf(id) < enough && Date.now() < endMs) {
    await delay(Math.min(50, stage.dueMs / 20), undefined, { signal: stage.signal });
  }
}

/** Does one step; gives the last authentic webhook, which later steps may repeat or contradict. */
async function playStep(stage: Stage, id: string, step: Step, last: Said | null): Promise<Said | null> {
  switch (step.do) {
    case 'advance':
      stage.world.advance(id, step.state);
      return last;
    case 'deliver':
      return say(stage, id, newSaying(step.status, null), 'plain');
    case 'deliver-answer-lost':
      return say(stage, id, newSaying(step.status, null), 'answer lost');
    case 'forge':
      await say(stage, id, newSaying(step.status, null), 'forged');
      return last;
    case 'repeat':
      await stage.sender.send({ ...lastSaid(last).delivery, manner: 'repeated' });
      return last;
    case 'contradict':
      await say(stage, id, { ...lastSaid(last).saying, altered: true }, 'contradicting');
      return last;
    case 'refuse-update':
      return say(stage, id, newSaying(null, step.reason), 'refused update');
    case 'garble':
      await say(stage, id, newSaying(null, null), 'not JSON');
      return last;
    case 'cancel':
      return cancel(stage, id, last);
    case 'reads':
      stage.world.setFault(id, step.fault, step.requests);
      return last;
    case 'until-read':
      await untilRead(stage, id, step.requests);
      return last;
    case 'wait':
      await delay(step.due * stage.dueMs, undefined, { signal: stage.signal });
      return last;
  }
}

/** Does the steps one after the other, each delivery answered before the next step begins. */
export async function playSteps(stage: Stage, id: string, steps: readonly Step[]): Promise<void> {
  let last: Said | null = null;
  for (const step of steps) {
    stage.signal.throwIfAborted();
    last = await playStep(stage, id, step, last);
  }
}

/** A new object for a script of this partner. */
export function cast(stage: Stage, script: Script): SimulatedObject {
  if (script.partner !== stage.profile.partner) {
    throw new Error(`the script ${script.name} is for ${script.partner}, not for ${stage.profile.partner}`);
  }
  return stage.world.create(script.kind, script.name);
}
