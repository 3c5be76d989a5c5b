import type { Server } from 'node:http';

import * as t from 'io-ts';
import { request } from 'undici';

import type { Simulator } from '../../src/simulator/server';

/** What the tests agree on with a simulated Tradevest. */
export const TRADEVEST = {
  headers: { 'api-key': 'a-key-for-tests' },
  clientId: 'a-client',
  clientSecret: 'a-client-secret',
  requestorId: '3f8f0f0e-5a55-4b2f-8c57-0a3c6f9f8b11',
} as const;

const Token = t.type({ access_token: t.string, expires_in: t.number });

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export async function postForm(url: string, form: Readonly<Record<string, string>>): Promise<Answered> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answered = await request(url, { method: 'POST', headers, body: new URLSearchParams(form).toString() });
  return { status: answered.statusCode, body: await answered.body.json() };
}

export function tradevestForm(differences: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const client = { client_id: TRADEVEST.clientId, client_secret: TRADEVEST.clientSecret };
  return { grant_type: 'client_credentials', scope: 'tradevest.api', ...client, ...differences };
}

function tokenIn(body: unknown): string {
  if (!Token.is(body)) throw new Error('the token answer holds no access_token and expires_in');
  return body.access_token;
}

export async function tradevestToken(simulator: Simulator): Promise<string> {
  return tokenIn((await postForm(simulator.tokenUrl, tradevestForm())).body);
}

export async function coinifyToken(simulator: Simulator, traderId: string): Promise<string> {
  const body = JSON.stringify({ traderId });
  const headers = { 'content-type': 'application/json' };
  const answered = await request(simulator.tokenUrl, { method: 'POST', headers, body });
  return tokenIn(await answered.body.json());
}

/** Listens on a free port of loopback; gives the address. */
export async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}
