import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { type Agent, request } from 'undici';

export const TRADEVEST_KEY = 'key-of-the-tests';
export const COINIFY_SECRET = 'secret-of-the-tests';

/** Reads of one object whose answers are held back: each shows the object as it was when it was asked for. */
export interface HeldReads {
  /** How many answers are held back now. */
  waiting(): number;
  /** Lets the answers go that are held back now; later ones are held back too. */
  release(): void;
  /** Lets all answers go, and holds back no more. */
  end(): void;
}

/** The partners in one server that shows each object in the state the test gave it, and 404 for others. */
export interface PartnerStub {
  readonly url: string;
  /** By object id, in the words of the partner's own reads. */
  readonly states: Map<string, string>;
  /** By object id, further fields of the answer about it. */
  readonly fields: Map<string, object>;
  /** What Tradevest says was missed. */
  readonly missed: object[];
  /** What Bitpanda says it has sent: `{id, name, created_at, payload}` each; null: it answers 500. */
  events: object[] | null;
  /** How often Bitpanda was asked for its events. */
  asked: number;
  /** Every request for an object is answered 500, or not at all; null: as it should be. */
  misbehaves: 'fails' | 'hangs' | null;
  /** How often an object was asked for. */
  reads: number;
  /** Holds back every answer about the object from now on. */
  hold(id: string): HeldReads;
  close(): Promise<void>;
}

/** Objects as the test gave them. */
type Told = Pick<PartnerStub, 'states' | 'fields'>;

/** Answers that are held back, by object id; those of an id that does not stand here go at once. */
type Held = Map<string, (() => void)[]>;

function holdReads(held: Held, id: string): HeldReads {
  const answers: (() => void)[] = [];
  const release = (): void => {
    for (const answer of answers.splice(0)) answer();
  };
  held.set(id, answers);
  return {
    waiting: () => answers.length,
    release,
    end: () => {
      held.delete(id);
      release();
    },
  };
}

function idOf(path: string): string {
  const [id = ''] = path.split(/[/=]/).slice(-1);
  return decodeURIComponent(id);
}

/** Last part of the path is the object's id; the token endpoint is the only one that is posted to. */
function answerOf(method: string | undefined, path: string, { states, fields }: Told): object | null {
  if (method === 'POST')
    return { access_token: 'token', refresh_token: 'once', token_type: 'Bearer', expires_in: 3_600 };
  if (method === 'PATCH') return {};
  const id = idOf(path);
  const state = states.get(id);
  const more = fields.get(id);
  if (path.includes('?id=')) {
    return { data: state === undefined ? [] : [{ id, status: state, transaction_status: state, ...more }] };
  }
  if (path.includes('?')) return { data: [] };
  if (state === undefined) return null;
  if (path.startsWith('/trades/')) return { state, ...more };
  if (path.startsWith('/transfers/')) return { transfer: { transferStatus: state } };
  return { status: state, documentId: id, ...more };
}

/** Variables of a receiver and a worker whose partners are the stub. */
export function variablesOf({ url }: Pick<PartnerStub, 'url'>): Readonly<Record<string, string>> {
  return {
    TRADEVEST_WEBHOOK_HEADERS: JSON.stringify({ 'api-key': [TRADEVEST_KEY] }),
    TRADEVEST_API_URL: url,
    TRADEVEST_TOKEN_URL: `${url}/token`,
    TRADEVEST_CLIENT_ID: 'tests',
    TRADEVEST_CLIENT_SECRET: 'tests',
    TRADEVEST_REQUESTOR_ID: randomUUID(),
    COINIFY_WEBHOOK_SECRETS: COINIFY_SECRET,
    COINIFY_API_URL: url,
    COINIFY_TOKEN_URL: `${url}/token`,
  };
}

export async function startPartnerStub(): Promise<PartnerStub> {
  const states = new Map<string, string>();
  const fields = new Map<string, object>();
  const missed: object[] = [];
  const held: Held = new Map();
  const listed: Pick<PartnerStub, 'events' | 'asked' | 'misbehaves' | 'reads'> = {
    events: [],
    asked: 0,
    misbehaves: null,
    reads: 0,
  };
  const server = createServer((incoming, outgoing) => {
    incoming.resume();
    const url = incoming.url ?? '';
    const answer = url === '/webhooks-missing' ? missed : answerOf(incoming.method, url, { states, fields });
    const isEvents = url.startsWith('/v1/events');
    const isRead = incoming.method === 'GET' && !isEvents && url !== '/webhooks-missing';
    const isFailing = (isEvents && listed.events === null) || (isRead && listed.misbehaves === 'fails');
    const statusCode = isFailing ? 500 : answer === null ? 404 : 200;
    if (isRead) listed.reads += 1;
    if (isRead && listed.misbehaves === 'hangs') return;
    if (isEvents && url.includes('page=1')) listed.asked += 1;
    const body = JSON.stringify(isEvents ? { data: listed.events ?? [] } : answer);
    const send = (): void => void outgoing.writeHead(statusCode, { 'content-type': 'application/json' }).end(body);
    const waiting = isRead ? held.get(idOf(url)) : undefined;
    if (waiting === undefined) send();
    else waiting.push(send);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return Object.assign(listed, {
    url: `http://127.0.0.1:${String(port)}`,
    states,
    fields,
    missed,
    hold: (id: string) => holdReads(held, id),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  });
}

/** One request of a partner, ready to be sent any number of times. */
export interface Webhook {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function tradevestWebhook(orderId: string, status: string): Webhook {
  return {
    path: '/webhooks/tradevest/digital-asset-order-notification',
    headers: { 'api-key': TRADEVEST_KEY },
    body: JSON.stringify({ orderId, status, notificationType: 'UPDATED' }),
  };
}

const SIDES = {
  transferIn: { medium: 'card', amount: { amount: 100, currency: 'EUR' } },
  transferOut: { medium: 'blockchain', amount: { amount: 0.01, currency: 'BTC' } },
};

/** With an event id of its own, as each event of Coinify has. */
export function coinifyWebhook(tradeId: string, state: string): Webhook {
  const context = { id: tradeId, traderId: '501', ...SIDES };
  const body = JSON.stringify({ id: randomUUID(), time: new Date().toISOString(), event: `trade.${state}`, context });
  const signature = createHmac('sha256', COINIFY_SECRET).update(body).digest('hex');
  return { path: '/webhooks/coinify', headers: { 'x-coinify-webhook-signature': signature }, body };
}

const ANSWER_TIMEOUT_MS = 15_000;

/** The id of the kept delivery, or null where the receiver did not say that it kept it. */
export async function send(url: string, webhook: Webhook, dispatcher: Agent): Promise<string | null> {
  try {
    const answered = await request(`${url}${webhook.path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...webhook.headers },
      body: webhook.body,
      dispatcher,
      headersTimeout: ANSWER_TIMEOUT_MS,
    });
    await answered.body.dump();
    const id = answered.headers['delivery-id'];
    return answered.statusCode === 200 && typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
