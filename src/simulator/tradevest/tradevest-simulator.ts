import { text } from 'node:stream/consumers';

import type Router from '@koa/router';
import type { Context } from 'koa';

import { tradevestScripts } from '../catalogue';
import type { ObjectKind, PartnerProfile } from '../kind';
import { playSteps } from '../player';
import type { Stage } from '../stage';
import { moves } from '../catalogue/steps';
import { answerRead } from '../reads';
import { type Simulator, type SimulatorOptions, startSimulator } from '../server';
import { createTokens, type Tokens } from '../tokens';
import { digitalOrder, traditionalOrder } from './orders';
import { paperKinds } from './papers';
import { peopleKinds } from './people';

/** Options of the simulated Tradevest. */
export interface TradevestSimulatorOptions extends SimulatorOptions {
  /** Static headers of every webhook. */
  readonly headers: Readonly<Record<string, string>>;
  readonly clientId: string;
  readonly clientSecret: string;
  /** `Requestor-ID` that reads must name. */
  readonly requestorId: string;
  /** Time after which reads no longer find an INVALID order. Default 48 hours, as documented. */
  readonly invalidPurgedAfterMs?: number;
  /** Lifetime of a token; default 60. */
  readonly tokenSeconds?: number;
}

const DOCUMENTED_PURGE_MS = 48 * 3_600_000;

/** Simulated Tradevest. For development, demonstrations and tests only. */
export async function startTradevestSimulator(options: TradevestSimulatorOptions): Promise<Simulator> {
  const tokens = createTokens(options.tokenSeconds ?? 60);
  const may = (context: Context): boolean => mayCall(context, tokens, options.requestorId);
  const addRoutes = (router: Router, stage: Stage): void => {
    addTokenRoute(router, tokens, options);
    addReadRoutes(router, stage, may, options.invalidPurgedAfterMs ?? DOCUMENTED_PURGE_MS);
    addMissedRoute(router, stage, may);
    addOrderRoutes(router, stage, may);
  };
  const profile = profileOf(options);
  return startSimulator({ profile, tokenPath: '/connect/token', scripts: tradevestScripts, addRoutes }, options);
}

/** True when the token is valid and the right person acts; else it has answered 401 or 400. */
function mayCall(context: Context, tokens: Tokens, requestorId: string): boolean {
  const authorized = tokens.ownerOf(context.get('Authorization')) !== null;
  if (authorized && context.get('Requestor-ID') === requestorId) return true;
  context.status = authorized ? 400 : 401;
  context.body = { message: authorized ? 'Requestor-ID is needed' : 'not authorized' };
  return false;
}

function addTokenRoute(router: Router, tokens: Tokens, options: TradevestSimulatorOptions): void {
  router.post('/connect/token', async (context) => {
    const form = new URLSearchParams(await text(context.req));
    const isOurs = form.get('client_id') === options.clientId && form.get('client_secret') === options.clientSecret;
    const isWell = form.get('grant_type') === 'client_credentials' && form.get('scope') === 'tradevest.api';
    context.status = isOurs && isWell ? 200 : 400;
    context.body =
      isOurs && isWell ? tokens.give(options.clientId) : { error: isOurs ? 'invalid_request' : 'invalid_client' };
  });
}

/** Kinds of all of Tradevest's webhooks. */
const kinds: readonly ObjectKind[] = [digitalOrder, traditionalOrder, ...peopleKinds, ...paperKinds];

type May = (context: Context) => boolean;

/** Read routes, one for every kind; an object of another kind is not found there. */
function addReadRoutes(router: Router, stage: Stage, may: May, purgedAfterMs: number): void {
  for (const path of new Set(kinds.flatMap(({ read }) => (read === null ? [] : [read.path])))) {
    router.get(path, async (context) => {
      const id = context.params.id ?? '';
      if (may(context) && !isPurged(stage, id, purgedAfterMs)) await answerRead(stage, context, path, id);
    });
  }
}

/** True when an order was INVALID for long enough: Tradevest purges it (vendors.md §1.1). */
function isPurged({ world }: Stage, id: string, afterMs: number): boolean {
  const { state, kind, history = [] } = world.find(id) ?? {};
  const isOrder = kind === digitalOrder.name || kind === traditionalOrder.name;
  return isOrder && state === 'INVALID' && Date.now() - Date.parse(history.at(-1)?.at ?? '') >= afterMs;
}

/**
 * Route that lists lost webhooks; that an entry is the webhook beside its event's name is assumed (vendors.md §1.1).
 */
function addMissedRoute(router: Router, { world }: Stage, may: May): void {
  router.get('/webhooks-missing', (context) => {
    if (!may(context)) return;
    const lost = world.announcements().filter(({ isLost }) => isLost);
    context.body = lost.map(({ event, body }) => ({ eventType: event, ...body }));
  });
}

function addOrderRoutes(router: Router, stage: Stage, may: May): void {
  for (const kind of [digitalOrder, traditionalOrder]) {
    addCreation(router, (kind.read?.path ?? '').replace('/:id', ''), kind, stage, may);
  }
  router.delete('/trading/order/:id', async (context) => {
    if (!may(context)) return;
    const order = stage.world.find(context.params.id ?? '');
    if (order?.kind !== traditionalOrder.name) return;
    context.status = 202;
    // A cancel that fails sends nothing and changes nothing (vendors.md §1.4): the answer is the same either way.
    await playSteps(stage, order.id, [{ do: 'cancel' }]);
  });
}

/** Route that creates an order: it is RECEIVED, and Tradevest reports it. */
function addCreation(router: Router, path: string, kind: ObjectKind, stage: Stage, may: May): void {
  router.post(path, async (context) => {
    if (!may(context)) return;
    const order = stage.world.create(kind.name, null);
    await playSteps(stage, order.id, moves('RECEIVED'));
    context.status = 202;
    context.body = { orderId: order.id };
  });
}

function profileOf(options: TradevestSimulatorOptions): PartnerProfile {
  const wrong = Object.fromEntries(Object.keys(options.headers).map((name) => [name, 'not-the-credential']));
  return {
    partner: 'tradevest',
    kinds,
    credentials: (_outgoing, forged) => (forged ? wrong : options.headers),
    retryWaitsDue: [], // Tradevest documents no retry (vendors.md §1.1): what is refused is gone
  };
}
