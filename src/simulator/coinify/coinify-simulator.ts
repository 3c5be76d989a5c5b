import { createHmac } from 'node:crypto';
import { text } from 'node:stream/consumers';

import type Router from '@koa/router';
import * as t from 'io-ts';

import { coinifyScripts } from '../catalogue';
import type { PartnerProfile } from '../kind';
import type { Stage } from '../stage';
import { answerRead } from '../reads';
import { type Simulator, type SimulatorOptions, startSimulator } from '../server';
import { createTokens, type Tokens } from '../tokens';
import { identification, otcTrade, trade, traderIdOf } from './kinds';

/** Options of the simulated Coinify. */
export interface CoinifySimulatorOptions extends SimulatorOptions {
  /** Secret that signs every webhook. */
  readonly secret: string;
  /** Token valid for every trader, which the real Coinify has not: for a client with a static one. */
  readonly accessToken?: string;
  /** Lifetime of a token; default 60. */
  readonly tokenSeconds?: number;
}

/** Simulated Coinify. For development, demonstrations and tests only. */
export async function startCoinifySimulator(options: CoinifySimulatorOptions): Promise<Simulator> {
  const tokens = createTokens(options.tokenSeconds ?? 60);
  const addRoutes = (router: Router, stage: Stage): void => {
    addTokenRoute(router, tokens);
    addReadRoute(router, stage, tokens, options.accessToken);
  };
  const profile = profileOf(options.secret);
  return startSimulator({ profile, tokenPath: '/token', scripts: coinifyScripts, addRoutes }, options);
}

const TokenRequest = t.type({ traderId: t.union([t.string, t.number]) });

/** Route of our own backend, which issues tokens for traders. */
function addTokenRoute(router: Router, tokens: Tokens): void {
  router.post('/token', async (context) => {
    const body = parsed(await text(context.req));
    const isWell = TokenRequest.is(body);
    context.status = isWell ? 200 : 400;
    context.body = isWell ? tokens.give(String(body.traderId)) : { message: 'traderId is needed' };
  });
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Read route. A trade is shown to its own trader alone: 403 to another one. */
function addReadRoute(router: Router, stage: Stage, tokens: Tokens, accessToken: string | undefined): void {
  router.get('/trades/:id', async (context) => {
    const isStatic = accessToken !== undefined && context.get('Authorization') === `Bearer ${accessToken}`;
    if (isStatic) return answerRead(stage, context, '/trades/:id', context.params.id ?? '');
    const traderId = tokens.ownerOf(context.get('Authorization'));
    const id = context.params.id ?? '';
    const object = stage.world.find(id);
    if (traderId === null) context.status = 401;
    else if (object !== undefined && String(traderIdOf(object)) !== traderId) context.status = 403;
    else await answerRead(stage, context, '/trades/:id', id);
  });
}

/**
 * Waits before retries. That Coinify retries is documented, how often and when is not (vendors.md §2.1): these are
 * assumed.
 */
const RETRY_WAITS_DUE = [0.2, 0.4, 0.8, 1.6, 3.2];

function profileOf(secret: string): PartnerProfile {
  const sign = (body: string, key: string): string => createHmac('sha256', key).update(body).digest('hex');
  return {
    partner: 'coinify',
    kinds: [trade, otcTrade, identification],
    credentials: ({ body }, forged) => ({
      'x-coinify-webhook-signature': sign(body, forged ? `not ${secret}` : secret),
    }),
    retryWaitsDue: RETRY_WAITS_DUE,
  };
}
