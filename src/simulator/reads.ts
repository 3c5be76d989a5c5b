import { setTimeout as delay } from 'node:timers/promises';

import type { Context } from 'koa';

import type { SimulatedObject } from './kind';
import type { Stage } from './stage';
import type { ReadFault } from './script';

/** True when the object's script has made the answer a bad one; false where the request is to be answered well. */
export async function answerWithFault(stage: Stage, context: Context, object: SimulatedObject): Promise<boolean> {
  const fault = stage.world.takeFault(object.id);
  if (fault === null) return false;
  await answerBadly(stage, context, object, fault);
  return true;
}

async function answerBadly(stage: Stage, context: Context, object: SimulatedObject, fault: ReadFault): Promise<void> {
  switch (fault.kind) {
    case 'stale':
      return answerWell(stage, context, object, fault.state);
    case 'hang':
      return hang(stage, context, fault.due);
    case 'status':
      context.status = fault.status;
      context.body = { message: 'simulated' };
      return;
    case 'too-many':
      context.status = 429;
      context.set('Retry-After', String(fault.retryAfterSeconds));
      context.body = { message: 'simulated' };
      return;
    case 'undecodable':
      context.status = 200;
      context.type = 'text/html';
      context.body = '<html><body>Maintenance</body></html>';
      return;
  }
}

function answerWell(stage: Stage, context: Context, object: SimulatedObject, state: string): void {
  const answer = stage.world.kindOf(object.kind).read?.answer(object, state);
  context.status = answer === undefined ? 404 : 200;
  context.body = answer ?? { message: 'not found' };
}

/** Hold of the request, and then a dropped connection without an answer. */
async function hang(stage: Stage, context: Context, due: number): Promise<void> {
  context.respond = false;
  await delay(due * stage.dueMs, undefined, { signal: stage.signal }).catch(() => undefined);
  context.req.socket.destroy();
}

/** Object that is read at the path by the id; undefined for one that is not (yet) there. */
export function findRead({ world }: Stage, path: string, id: string): SimulatedObject | undefined {
  const isMeant = (object: SimulatedObject): boolean => {
    const { read } = world.kindOf(object.kind);
    return read?.path === path && (read.idOf?.(object) ?? object.id).toLowerCase() === id.toLowerCase();
  };
  return world.objects().find((object) => object.state !== null && isMeant(object));
}

/** Answer to a read of the object: well, or as its script has it misbehave. 404 for one that is not (yet) there. */
export async function answerRead(stage: Stage, context: Context, path: string, id: string): Promise<void> {
  const object = findRead(stage, path, id);
  const state = object?.state ?? null;
  if (object === undefined || state === null) {
    context.status = 404;
    context.body = { message: 'not found' };
    return;
  }
  if (!(await answerWithFault(stage, context, object))) answerWell(stage, context, object, state);
}
