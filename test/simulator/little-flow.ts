import { createHmac } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import * as t from 'io-ts';
import { request } from 'undici';

import { foldNotification } from '../../src/domain/fold-notification';
import { foldReading } from '../../src/domain/fold-reading';
import { lifecycleTableOf } from '../../src/domain/lifecycles';
import { nextStep } from '../../src/domain/next-step';
import type { StateContent } from '../../src/domain/notification';
import type { Reading } from '../../src/domain/reading';
import { newSubject, type Policies, type Rules } from '../../src/domain/rules';
import type { Outcome, Subject } from '../../src/domain/subject';
import type { Observer } from '../../src/simulator/observer';

/** What became of one object's deliveries, counted as the operations API would. */
export interface Followed {
  readonly outcomes: Partial<Record<Outcome, number>>;
  duplicate: number;
  parked: number;
  rejected: number;
  recovered: number;
  subject: Subject | null;
  /** True while nothing is being read for it. */
  resting: boolean;
}

/** Knows what a real receiver knows: how webhooks are proven, and how objects are read. */
export interface Knowledge {
  readonly headers: Readonly<Record<string, string>>;
  readonly secret: string;
  readonly policies: Policies;
  /** One try of a read; undefined where nothing decodable came. */
  readonly read: (subject: Subject) => Promise<Reading | undefined>;
}

const Order = t.intersection([
  t.type({ orderId: t.string }),
  t.partial({ status: t.string, validationError: t.type({ errorType: t.string }) }),
]);
const Trade = t.type({ id: t.string, event: t.string, context: t.type({ id: t.string, traderId: t.string }) });

interface Understood {
  readonly object: string;
  readonly id: string;
  readonly eventId: string | null;
  readonly content: StateContent;
}

function content(status: string | null, reason: string | null, readHints: Record<string, string>): StateContent {
  return { lifecycle: 'order', event: 'test', status, reason, executions: [], readHints };
}

/** What the body says; null where a real receiver would park it. */
function understand(route: string, body: string): Understood | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  if (Order.is(json)) {
    const hints = { asset: route.includes('digital') ? 'digital' : 'traditional' };
    const told = content(json.status ?? null, json.validationError?.errorType ?? null, hints);
    return { object: 'order', id: json.orderId, eventId: null, content: told };
  }
  if (!Trade.is(json)) return null;
  const [object = '', status = ''] = json.event.split('.');
  const told = content(status, null, { traderId: json.context.traderId });
  return { object, id: json.context.id, eventId: json.id, content: told };
}

/** A receiver, dispatcher and flows in one process and without memory of their own: the domain's rules on real HTTP. */
export class LittleFlow {
  readonly #followed = new Map<string, Followed>();
  readonly #meanings = new Map<string, Set<string>>();
  readonly #stopping = new AbortController();
  #deliveries = 0;

  constructor(private readonly knowledge: Knowledge) {
    setMaxListeners(0, this.#stopping.signal);
  }

  readonly server: Server = createServer((incoming, response) => {
    void text(incoming).then((body) => {
      const route = (incoming.url ?? '').replace('/webhooks/', '');
      const status = this.receive(route, incoming.headers, body);
      response.writeHead(status, status === 200 ? { 'Delivery-Id': `delivery-${this.#deliveries}` } : {}).end();
    });
  });

  followed(id: string): Followed {
    const known = this.#followed.get(id);
    if (known !== undefined) return known;
    const fresh: Followed = {
      outcomes: {},
      duplicate: 0,
      parked: 0,
      rejected: 0,
      recovered: 0,
      subject: null,
      resting: true,
    };
    this.#followed.set(id, fresh);
    return fresh;
  }

  /** Deliveries are folded before they are answered; what may still go on is a read. */
  readonly observer: Observer = {
    taken: () => Promise.resolve(),
    found: async (workflowId, finding) => {
      const followed = this.followed(workflowId.split(':')[2] ?? '');
      const isFound = (): boolean => followed.subject?.findings.some((one) => one.finding === finding) === true;
      while (!this.#stopping.signal.aborted && !isFound()) await delay(10);
    },
    atRest: async (workflowId) => {
      const followed = this.followed(workflowId.split(':')[2] ?? '');
      while (!this.#stopping.signal.aborted && !followed.resting) await delay(10);
    },
  };

  stop(): void {
    this.#stopping.abort();
    this.server.closeAllConnections();
    this.server.close();
  }

  private isAuthentic(route: string, headers: NodeJS.Dict<string | string[]>, body: string): boolean {
    if (route !== 'coinify') return Object.entries(this.knowledge.headers).every(([n, value]) => headers[n] === value);
    const expected = createHmac('sha256', this.knowledge.secret).update(body).digest('hex');
    return headers['x-coinify-webhook-signature'] === expected;
  }

  private receive(route: string, headers: NodeJS.Dict<string | string[]>, body: string): number {
    const partner = route === 'coinify' ? 'coinify' : 'tradevest';
    const understood = understand(route, body);
    // A body that is no JSON names its object only here, where a test has to find the delivery again.
    const followed = this.followed(understood?.id ?? /"([^"]+)"/.exec(body)?.[1] ?? '');
    if (!this.isAuthentic(route, headers, body)) {
      followed.rejected += 1;
      return 401;
    }
    this.#deliveries += 1;
    const table = understood === null ? undefined : lifecycleTableOf(partner, understood.object);
    const status = understood?.content.status ?? null;
    if (understood === null || table === undefined || (status !== null && table.states[status] === undefined)) {
      followed.parked += 1;
    } else {
      this.fold({ table, policy: this.knowledge.policies.policyOf(table) }, followed, understood, body);
    }
    return 200;
  }

  private fold(rules: Rules, followed: Followed, understood: Understood, body: string): void {
    const meanings = this.#meanings.get(understood.eventId ?? '') ?? new Set<string>();
    if (understood.eventId !== null && meanings.has(body)) {
      followed.duplicate += 1;
      return;
    }
    const contradictsEarlier = understood.eventId !== null && meanings.size > 0;
    if (understood.eventId !== null) this.#meanings.set(understood.eventId, meanings.add(body));
    const now = new Date().toISOString();
    const isNew = followed.subject === null;
    const before = followed.subject ?? newSubject(rules, understood.id, now, null);
    const notification = { ...understood.content, deliveryId: '', receivedAt: now, contradictsEarlier };
    const folded = foldNotification(rules, before, notification, now);
    followed.subject = folded.subject;
    followed.outcomes[folded.outcome] = (followed.outcomes[folded.outcome] ?? 0) + 1;
    followed.resting &&= nextStep(rules, followed.subject, now).kind !== 'read';
    if (isNew) void this.follow(rules, followed).catch(() => undefined);
  }

  /** The main loop of a flow, looking at the clock instead of waiting for a timer. */
  private async follow(rules: Rules, followed: Followed): Promise<void> {
    while (!this.#stopping.signal.aborted && followed.subject !== null) {
      const step = nextStep(rules, followed.subject, new Date().toISOString());
      followed.resting = step.kind !== 'read';
      if (step.kind === 'finish') return;
      if (step.kind !== 'read') await delay(10, undefined, { signal: this.#stopping.signal });
      else {
        const reading = await this.readThrice(followed.subject);
        const result = { reading, backlog: false };
        const change = foldReading(rules, followed.subject, step.purpose, result, new Date().toISOString());
        followed.subject = change.subject;
        followed.recovered += change.recovered;
      }
    }
  }

  private async readThrice(subject: Subject): Promise<Reading> {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const reading = await this.knowledge.read(subject).catch(() => undefined);
      if (reading !== undefined) return reading;
      await delay(100, undefined, { signal: this.#stopping.signal });
    }
    return { kind: 'unreachable', cause: 'test' };
  }
}

/** GET as JSON; undefined for what is no JSON. */
export async function getJson(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; body: unknown }> {
  const answered = await request(url, { headers });
  const raw = await answered.body.text();
  let body: unknown;
  try {
    body = JSON.parse(raw);
  } catch {
    body = undefined;
  }
  return { status: answered.statusCode, headers: answered.headers, body };
}
