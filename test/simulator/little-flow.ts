import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { request } from 'undici';

import type { DeliveryView, FlowView } from '../../src/development/operations-client';
import { foldNews, foldRead, kindOf, nextStep } from '../../src/domain/lifecycles/kinds';
import { decoders, isKnownPartner, type KnownPartner as Partner, lifecycleTableOf } from '../support/partners';
import { hasEnded, relatedKey } from '../../src/domain/lifecycles/states/related-objects';
import type { NextStep } from '../../src/domain/lifecycles/next-step';
import { workflowIdOf } from '../../src/domain/subject-key';
import type { Reading } from '../../src/domain/reading';
import { recordedSubject } from '../../src/domain/recorded';
import { type Change, newSubject, type Policies, type Rules } from '../../src/domain/lifecycles/rules';
import { foldConfirmation, foldDecision } from '../../src/domain/lifecycles/savings-plan/answers';
import { passTime } from '../../src/domain/lifecycles/savings-plan/plan';
import type { Recurrence } from '../../src/domain/lifecycles/savings-plan/recurrence';
import type { ReadPurpose, Subject } from '../../src/domain/subject';
import type { Authenticate } from '../../src/partners/authentication';
import type { Decoded } from '../../src/partners/event';
import type { PartnerReader } from '../../src/partners/reading';
import type { Observer } from '../../src/simulator/observer';

/** Knows what a real receiver and worker know: how webhooks are proven, and how objects are read. */
export interface Knowledge {
  readonly authenticate: Readonly<Record<Partner, Authenticate>>;
  readonly policies: Policies;
  readonly readers: Readonly<Record<string, PartnerReader>>;
  /** Who decides on recurrences, and where they are confirmed. */
  readonly plans: {
    readonly decide: (savingsPlanId: string, recurrence: Recurrence) => Promise<boolean>;
    readonly confirm: (recurrence: Recurrence) => Promise<'confirmed' | 'not confirmed'>;
  };
}

type Acting = Exclude<NextStep, { kind: 'wait' | 'finish' }>;

interface Followed {
  subject: Subject;
  recovered: number;
  /** True while nothing is being read for it. */
  resting: boolean;
}

interface Delivered extends DeliveryView {
  readonly workflowId: string | null;
}

const NOTHING = { kind: 'object', status: '', executions: [], quantityExecuted: null, reason: null } as const;

/**
 * A receiver, dispatcher and flows in one process and without memory of their own: the partners' decoders and readers
 * and the domain's rules on real HTTP. Shows what came of it as the operations API does.
 */
export class LittleFlow {
  readonly #followed = new Map<string, Followed>();
  readonly #meanings = new Map<string, string>();
  readonly #deliveries = new Map<string, Delivered>();
  readonly #stopping = new AbortController();

  constructor(private readonly knowledge: Knowledge) {
    setMaxListeners(0, this.#stopping.signal);
  }

  readonly server: Server = createServer((incoming, response) => {
    void buffer(incoming).then((body) => this.answer(incoming, response, body));
  });

  /** Deliveries are folded before they are answered; what may still go on is a read. Nothing is swept here. */
  readonly observer: Observer = {
    taken: () => Promise.resolve(),
    swept: () => Promise.resolve(),
    refuseSignals: () => undefined,
    retry: () => Promise.resolve(),
    expect: (key) => {
      const rules = this.rulesOf(key.partner, key.object);
      const subject = newSubject(rules, key.id, new Date().toISOString(), null);
      const followed = { subject, recovered: 0, resting: true };
      this.#followed.set(workflowIdOf(key), followed);
      void this.follow(rules, followed).catch(() => undefined);
      return Promise.resolve();
    },
    owes: (workflowId, word) =>
      this.until(() => this.#followed.get(workflowId)?.subject.waitingFor.includes(word) === true),
    found: (workflowId, finding) =>
      this.until(
        () => this.#followed.get(workflowId)?.subject.findings.some((one) => one.finding === finding) === true,
      ),
    atRest: (workflowId) => this.until(() => this.#followed.get(workflowId)?.resting !== false),
  };

  recovered(workflowId: string): number {
    return this.#followed.get(workflowId)?.recovered ?? 0;
  }

  flow(workflowId: string): FlowView | null {
    const subject = this.#followed.get(workflowId)?.subject;
    if (subject === undefined) return null;
    const { state, overdue, finding, findings, waitingFor, end, recurrences = [], facts = {} } = subject;
    const open = subject.lifecycle !== 'recorded' && end === null;
    return {
      ...{
        workflowId,
        lifecycle: subject.lifecycle,
        state,
        open,
        overdue,
        finding,
        findings: [...findings],
        waitingFor: [...waitingFor],
      },
      ...{ end, recurrences: [...recurrences], facts, url: null },
    };
  }

  delivery(id: string): DeliveryView | null {
    return this.#deliveries.get(id) ?? null;
  }

  stop(): void {
    this.#stopping.abort();
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(incoming: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const [, , partner = '', route = ''] = (incoming.url ?? '').split('/');
    if (!isKnownPartner(partner) || !(await this.isAuthentic(partner, incoming, body))) {
      response.writeHead(401).end();
      return;
    }
    const id = `00000000-0000-4000-8000-${String(this.#deliveries.size).padStart(12, '0')}`;
    this.#deliveries.set(id, { id, source: 'webhook', ...this.receive(partner, route, body, id) });
    response.writeHead(200, { 'Delivery-Id': id }).end();
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!this.#stopping.signal.aborted && !isSo()) await delay(10);
  }

  private async isAuthentic(partner: Partner, incoming: IncomingMessage, body: Buffer): Promise<boolean> {
    const pairs = Array.from({ length: incoming.rawHeaders.length / 2 }, (_, index) => index * 2);
    const rawHeaders = pairs.map((at) => [incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? ''] as const);
    const { method = '', url = '' } = incoming;
    const publicOrigin = `http://${incoming.headers.host ?? ''}`;
    const request = { method, url, rawHeaders, body, receivedAtMs: Date.now(), publicOrigin };
    return (await this.knowledge.authenticate[partner](request)).ok;
  }

  private receive(partner: Partner, route: string, body: Buffer, deliveryId: string): Omit<Delivered, 'id' | 'source'> {
    const decoding = decoders[partner].decode(route, body, deliveryId);
    if (!decoding.ok) return { status: 'parked', outcome: null, workflowId: null };
    const { decoded } = decoding;
    const workflowId = workflowIdOf(decoded.subject);
    const key = `${partner} ${decoded.duplicateKey?.key ?? deliveryId}`;
    const meaning = this.#meanings.get(key);
    if (meaning !== undefined && meaning === decoded.duplicateKey?.meaning) {
      return { status: 'duplicate', outcome: null, workflowId };
    }
    this.#meanings.set(key, meaning ?? decoded.duplicateKey?.meaning ?? '');
    return { status: 'delivered', outcome: this.fold(decoded, deliveryId, meaning !== undefined), workflowId };
  }

  private fold({ subject: key, content }: Decoded, deliveryId: string, contradictsEarlier: boolean): string {
    const now = new Date().toISOString();
    const workflowId = workflowIdOf(key);
    if (content.lifecycle === 'recorded') {
      const subject = recordedSubject(key, content, now);
      this.#followed.set(workflowId, { subject, recovered: 0, resting: true });
      return 'applied';
    }
    if (content.lifecycle === 'corporateAction') throw new Error('the ledger follows it');
    const rules = this.rulesOf(key.partner, key.object);
    const known = this.#followed.get(workflowId);
    const followed = known ?? { subject: newSubject(rules, key.id, now, null), recovered: 0, resting: true };
    this.#followed.set(workflowId, followed);
    const notification = { ...content, deliveryId, receivedAt: now, contradictsEarlier };
    const wakes = followed.subject.end !== null || known === undefined;
    const folded = followed.subject.closedForGood
      ? kindOf(content.lifecycle).foldLate(rules, followed.subject, { ...content, contradictsEarlier }, now)
      : foldNews(rules, followed.subject, notification, now);
    followed.subject = folded.subject;
    followed.resting &&= nextStep(rules, followed.subject, now).kind === 'wait' || folded.subject.end !== null;
    if (wakes && folded.subject.end === null) void this.follow(rules, followed).catch(() => undefined);
    return folded.outcome;
  }

  private rulesOf(partner: string, object: string): Rules {
    const table = lifecycleTableOf(partner, object);
    if (table === undefined) throw new Error(`no lifecycle for ${partner}:${object}`);
    return { table, policy: this.knowledge.policies.policyOf(table) };
  }

  /** The main loop of a flow, looking at the clock instead of waiting for a timer. */
  private async follow(rules: Rules, followed: Followed): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const step = nextStep(rules, followed.subject, new Date().toISOString());
      followed.resting = step.kind === 'wait' || step.kind === 'finish';
      if (step.kind === 'finish') return;
      if (step.kind === 'wait') await delay(10, undefined, { signal: this.#stopping.signal });
      else take(followed, await this.act(rules, followed.subject, step));
    }
  }

  private async act(rules: Rules, subject: Subject, step: Acting): Promise<(now: Subject) => Change> {
    const now = (): string => new Date().toISOString();
    if (step.kind === 'read') return this.read(rules, subject, step.purpose);
    if (step.kind === 'pass time') return (latest) => passTime(rules, latest, now());
    const { recurrence } = step;
    const { decide, confirm } = this.knowledge.plans;
    if (recurrence.decision === 'asked') {
      const answer = { kind: 'answered', confirm: await decide(subject.id, recurrence) } as const;
      return (latest) => foldDecision(rules, latest, recurrence.transactionId, answer, now());
    }
    const kind = await confirm(recurrence).catch(() => 'not confirmed' as const);
    return (latest) => foldConfirmation(rules, latest, recurrence.transactionId, { kind }, now());
  }

  private async read(rules: Rules, subject: Subject, purpose: ReadPurpose): Promise<(now: Subject) => Change> {
    const own = rules.table.readsOnlyNamed === true ? NOTHING : await this.readThrice(subject, rules.table.readable);
    const reading = await this.withRelatedObjects(rules, subject, purpose, own);
    return (now) => foldRead(rules, now, purpose, { reading, backlog: false }, new Date().toISOString());
  }

  private async readThrice(subject: Subject, isReadable: boolean): Promise<Reading> {
    const reader = this.knowledge.readers[subject.partner];
    for (let attempt = 0; attempt < 3 && isReadable && reader !== undefined; attempt += 1) {
      const reading = await reader.read(subject, subject.readHints).catch(() => undefined);
      if (reading !== undefined) return reading;
      await delay(100, undefined, { signal: this.#stopping.signal });
    }
    return { kind: 'unreachable', cause: 'test' };
  }

  /** Named objects: as our own flows know them, or read once the wait for their webhooks is over. */
  private async withRelatedObjects(
    rules: Rules,
    subject: Subject,
    purpose: ReadPurpose,
    own: Reading,
  ): Promise<Reading> {
    const readsOnlyNamed = rules.table.readsOnlyNamed === true;
    const words = own.kind === 'object' ? Object.keys({ ...own.named, ...(readsOnlyNamed ? subject.named : {}) }) : [];
    if (own.kind !== 'object' || words.length === 0) return own;
    const named: Record<string, string | null> = {};
    for (const word of words) {
      const key = relatedKey(subject.partner, word);
      const stored = this.#followed.get(workflowIdOf(key))?.subject.state ?? null;
      const isRead = (readsOnlyNamed || purpose !== 'record') && !hasEnded(rules.table, word, stored);
      const reading = isRead ? await this.knowledge.readers[subject.partner]?.read(key, {}) : undefined;
      named[word] = reading?.kind === 'object' ? reading.status : stored;
    }
    return { ...own, named };
  }
}

function take(followed: Followed, change: (subject: Subject) => Change): void {
  const { subject, recovered } = change(followed.subject);
  followed.subject = subject;
  followed.recovered += recovered;
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
