import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';

import Router from '@koa/router';
import Koa from 'koa';

import { workflowIdOf } from '../domain/subject-key';
import { addControlRoutes, reportError } from './control';
import type { PartnerProfile, SimulatedObject } from './kind';
import type { Observer } from './observer';
import { cast, playSteps } from './player';
import type { Stage } from './stage';
import type { Script } from './script';
import { createSender, type Sent } from './sender';
import { createWorld } from './world';

/** Options of every simulated partner. */
export interface SimulatorOptions {
  /** Address of the receiver, without `/webhooks`. */
  readonly deliverTo: string;
  /** Port; default: any free one. */
  readonly port?: number;
  /** Due time that the policy in force gives every state, milliseconds; scripts count in it. Default 4 000. */
  readonly dueMs?: number;
  /** Seed of the ids of objects; another run against the same database needs another one. Default `partnerflow`. */
  readonly seed?: string;
  /** Waits in due times before each further attempt to send what was not taken, in place of the partner's own. */
  readonly retryWaitsDue?: readonly number[];
}

/** Object that has gone through its script. The flow may still be about to end. */
export interface Played {
  readonly script: Script;
  readonly objectId: string;
  /** Workflow id; empty where a webhook without an id has never been kept. */
  readonly workflowId: string;
}

/** Running simulated partner. For development, demonstrations and tests only. */
export interface Simulator {
  readonly url: string;
  readonly tokenUrl: string;
  /** Play of the script with a new object to its last step, as fast as the observer allows. */
  readonly play: (script: Script, observer?: Observer) => Promise<Played>;
  readonly objects: () => readonly SimulatedObject[];
  /** Requests sent so far, oldest first. */
  readonly sent: () => readonly Sent[];
  /** End of all scripts where they are, and of the connections. */
  readonly stop: () => Promise<void>;
}

/** Additions of one partner's server to the common routes. */
export interface PartnerServer {
  readonly profile: PartnerProfile;
  readonly tokenPath: string;
  readonly scripts: readonly Script[];
  readonly addRoutes: (router: Router, stage: Stage) => void;
}

/** Simulated partner on the loopback. */
export async function startSimulator(partner: PartnerServer, options: SimulatorOptions): Promise<Simulator> {
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // one listener per waiting script is no leak; Node warns from eleven on
  const stage = createStage(partner.profile, options, stopping.signal);
  const router = new Router();
  addControlRoutes(router, stage, partner.scripts);
  partner.addRoutes(router, stage);
  const koa = new Koa().use(router.routes()).use(router.allowedMethods());
  koa.on('error', (error: unknown) => reportError(stage, error));
  const handle = koa.callback();
  const server = createServer((request, response) => void handle(request, response));
  const url = `http://127.0.0.1:${await listen(server, options.port ?? 0)}`;
  return {
    url,
    tokenUrl: `${url}${partner.tokenPath}`,
    objects: stage.world.objects,
    sent: () => stage.sender.sent,
    play: async (script, observer) => {
      const object = cast(stage, script);
      await playSteps({ ...stage, observer: observer ?? null }, object.id, script.steps);
      return { script, objectId: object.id, workflowId: workflowIdOfPlayed(stage, object) };
    },
    stop: async () => {
      stopping.abort(new Error('the simulator was stopped'));
      await stage.sender.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

function createStage(own: PartnerProfile, options: SimulatorOptions, signal: AbortSignal): Stage {
  const { retryWaitsDue = own.retryWaitsDue } = options;
  const profile = { ...own, retryWaitsDue };
  const dueMs = options.dueMs ?? 4_000;
  const world = createWorld(profile, options.seed ?? 'partnerflow');
  return {
    profile,
    world,
    sender: createSender(profile, options.deliverTo, dueMs, signal),
    dueMs,
    signal,
    observer: null,
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the simulator has no port');
  return address.port;
}

/**
 * Workflow id of a played object. A webhook without an id is a subject of its own, named by the delivery it was kept
 * as.
 */
function workflowIdOfPlayed({ profile, world, sender }: Stage, { id, kind, workflowId }: SimulatedObject): string {
  if (workflowId !== null) return workflowId;
  const deliveryId = sender.sent.find((one) => one.objectId === id && one.deliveryId !== null)?.deliveryId ?? null;
  return deliveryId === null
    ? ''
    : workflowIdOf({ partner: profile.partner, object: world.kindOf(kind).object, id: deliveryId });
}
