import type Router from '@koa/router';

import { moves } from './catalogue/steps';
import { cast, playSteps } from './player';
import type { Stage } from './stage';
import type { Script } from './script';

/** Report of an error to the developer, unless the server was only stopped. */
export function reportError(stage: Stage, error: unknown): void {
  if (stage.signal.aborted) return;
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : 'failed'}\n`);
}

/** Routes for users of `npm run dev`: start a script, move an object by hand, list objects and sent webhooks. */
export function addControlRoutes(router: Router, stage: Stage, scripts: readonly Script[]): void {
  router.get('/simulator/scripts', (context) => {
    context.body = { items: scripts.map(({ name, title, kind, expected }) => ({ name, title, kind, expected })) };
  });
  router.post('/simulator/scripts/:name', (context) => {
    const script = scripts.find((candidate) => candidate.name === context.params.name);
    if (script === undefined) return;
    const object = cast(stage, script);
    playSteps(stage, object.id, script.steps).catch((error: unknown) => reportError(stage, error));
    context.status = 202;
    context.body = { script: script.name, objectId: object.id, workflowId: object.workflowId };
  });
  router.get('/simulator/objects', (context) => {
    context.body = { items: stage.world.objects() };
  });
  router.post('/simulator/objects/:id/:state', async (context) => {
    const object = stage.world.find(context.params.id ?? '');
    const state = context.params.state ?? '';
    if (object === undefined || !stage.world.kindOf(object.kind).states.includes(state)) return;
    await playSteps(stage, object.id, moves(state));
    context.body = stage.world.find(object.id);
  });
  router.get('/simulator/sent', (context) => {
    context.body = { items: stage.sender.sent };
  });
}
