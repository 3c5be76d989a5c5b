import { generateKeyPairSync } from 'node:crypto';
import { json } from 'node:stream/consumers';

import type Router from '@koa/router';
import * as t from 'io-ts';
import type { Context } from 'koa';

import { bitpandaScripts } from '../catalogue';
import type { ObjectKind, PartnerProfile } from '../kind';
import type { Stage } from '../stage';
import { answerRead, answerWithFault, findRead } from '../reads';
import { type Simulator, type SimulatorOptions, startSimulator } from '../server';
import type { Tokens } from '../tokens';
import { listEvents } from './events';
import { followedKinds } from './followed';
import { userIdOf } from './invented';
import { corporateActionKinds } from './corporate-actions';
import { addListRoutes } from './object-lists';
import { recordedKinds } from './recorded';
import { type Confirmation, createSavingsPlans, type SavingsPlans, UNWANTED } from './savings-plan';
import { signBitpanda } from './sign';
import { addTokenRoute, type BitpandaClient } from './tokens';

/** Options of the simulated Bitpanda. */
export interface BitpandaSimulatorOptions extends SimulatorOptions, BitpandaClient {
  readonly keyid: string;
  /** ECDSA P-256 key, PKCS #8, that signs every webhook. */
  readonly privateKeyPem: string;
}

const DEFAULT_DUE_MS = 4_000;
const TOKEN_PATH = '/oauth/token';

/** Simulated Bitpanda. For development, demonstrations and tests only. */
export async function startBitpandaSimulator(options: BitpandaSimulatorOptions): Promise<Simulator> {
  const plans = createSavingsPlans(options.dueMs ?? DEFAULT_DUE_MS);
  const kinds = [...followedKinds, ...plans.kinds, ...recordedKinds, ...corporateActionKinds];
  const addRoutes = (router: Router, stage: Stage): void => {
    const tokens = addTokenRoute(router, TOKEN_PATH, options);
    addReadRoutes(router, stage, tokens);
    addConfirmationRoute(router, stage, tokens, plans);
    addDecisionRoute(router, stage);
    router.get('/v1/events', (context) => {
      if (mayCall(context, tokens, false)) context.body = listEvents(stage.world.announcements(), context.query);
    });
    addListRoutes(router, stage.world.announcements, (context) => mayCall(context, tokens, false));
  };
  const partner = { profile: profileOf(options, kinds), tokenPath: TOKEN_PATH, scripts: bitpandaScripts, addRoutes };
  return startSimulator(partner, options);
}

/** Reads by query, and whether each has to name the user. */
const READS: readonly (readonly [path: string, namesUser: boolean])[] = [
  ['/v2/trades/search', false],
  ['/v1/crypto-transfers/transactions', true],
  ['/v2/savings-plan', true],
];

/** Read routes. They are searches: an object that is absent, or another user's, is not in the list. */
function addReadRoutes(router: Router, stage: Stage, tokens: Tokens): void {
  for (const [path, namesUser] of READS) {
    router.get(path, async (context) => {
      if (!mayCall(context, tokens, namesUser)) return;
      const id = queried(context, 'id');
      const object = findRead(stage, path, id);
      if (object === undefined || (namesUser && userIdOf(object) !== context.get('bp-user-id'))) {
        context.body = { data: [] };
      } else await answerRead(stage, context, path, id);
    });
  }
}

/** True when the token is valid and a required user is named; else it has answered 401 or 400. */
function mayCall(context: Context, tokens: Tokens, namesUser: boolean): boolean {
  const isAuthorized = tokens.ownerOf(context.get('Authorization')) !== null;
  if (isAuthorized && (!namesUser || context.get('bp-user-id') !== '')) return true;
  context.status = isAuthorized ? 400 : 401;
  context.body = { message: isAuthorized ? 'bp-user-id is needed' : 'not authorized' };
  return false;
}

function queried(context: Context, name: string): string {
  const value = context.query[name];
  return typeof value === 'string' ? value : '';
}

const ANSWERS: Readonly<Record<Confirmation, readonly [status: number, message: string]>> = {
  confirmed: [200, 'confirmed'],
  'already confirmed': [409, 'already confirmed'],
  'too late': [422, 'the confirmation deadline has passed'],
  unknown: [404, 'not found'],
};

function addConfirmationRoute(router: Router, stage: Stage, tokens: Tokens, plans: SavingsPlans): void {
  router.patch('/v1/savings-plan/transaction/:id/confirm', async (context) => {
    if (!mayCall(context, tokens, false)) return;
    const transactionId = context.params.id ?? '';
    const plan = plans.planOf(stage.world.objects(), transactionId);
    if (plan !== undefined && (await answerWithFault(stage, context, plan))) return;
    const [status, message] = ANSWERS[plan === undefined ? 'unknown' : plans.confirm(plan, transactionId)];
    context.status = status;
    context.body = { message };
  });
}

const Question = t.type({ savingsPlanId: t.string });

/** Route of our own backend, which decides what is confirmed. */
function addDecisionRoute(router: Router, stage: Stage): void {
  router.post('/simulator/decisions', async (context) => {
    const question: unknown = await json(context.req);
    const plan = Question.is(question) ? stage.world.find(question.savingsPlanId) : undefined;
    context.body = { confirm: plan !== undefined && plan.kind !== UNWANTED };
  });
}

function profileOf(options: BitpandaSimulatorOptions, kinds: readonly ObjectKind[]): PartnerProfile {
  const { keyid, privateKeyPem } = options;
  // A forger signs with a key of his own, which is new for each simulator.
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const strangersPem = stranger.export({ format: 'pem', type: 'pkcs8' }).toString();
  return {
    partner: 'bitpanda',
    kinds,
    credentials: ({ url, body }, forged) =>
      signBitpanda({ method: 'POST', url, body, keyid, privateKeyPem: forged ? strangersPem : privateKeyPem }),
    retryWaitsDue: [], // whether Bitpanda retries is not published (vendors.md §3.1)
  };
}
