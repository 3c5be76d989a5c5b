import { createHash } from 'node:crypto';

import type { Decoder } from 'io-ts';

import { type BodyField, fieldsOf, unreadIn } from '../codecs/body-fields';
import { decode } from '../codecs/decode';
import { canonicalJson } from '../codecs/json';
import type { LocalClocks } from '../domain/lifecycles/local-calendar';
import type { LifecycleTable } from '../domain/lifecycles/table';
import type { Booking } from '../domain/booking';
import type { SubjectDetails } from '../domain/details';
import type { CallToAct, Execution, NotificationContent } from '../domain/notification';
import { isStateLifecycle, type Lifecycle, type StateLifecycle } from '../domain/lifecycle';
import type { Partner } from '../domain/partner';
import type { PlanNews } from '../domain/lifecycles/savings-plan/plan-news';
import type { Problem } from '../domain/problem';
import type { SubjectKey } from '../domain/subject-key';
import { detailsOfDelivery, type GivenDetails, present, presentDetails } from './details';

/** Decoded delivery of a partner. */
export interface Decoded {
  readonly event: string;
  readonly subject: SubjectKey;
  /** The partner's id of the event and what it says; null where a repetition means "read again". */
  readonly duplicateKey: { readonly key: string; readonly meaning: string } | null;
  readonly content: NotificationContent;
  /** Details of its subject beside the state. The reference may name a person: it goes nowhere but sealed. */
  readonly details: SubjectDetails;
  /** Side fields of its body that could not be read; absent where there are none. */
  readonly unread?: readonly Problem[];
}

/** Decoded delivery, or the problem that parks it. */
export type Decoding =
  | { readonly ok: true; readonly decoded: Decoded }
  /** `event` where it is known although the body is not understood. */
  | { readonly ok: false; readonly event: string | null; readonly problem: Problem };

/** Decodes a partner's deliveries; the only reader of its field names. */
export interface PartnerDecoder {
  readonly partner: Partner;
  /** `deliveryId` names what the partner gives no id of its own. Without `clocks` a time that has no offset is UTC. */
  decode(route: string, body: Buffer, deliveryId: string, clocks?: LocalClocks): Decoding;
}

/**
 * Common part of two deliveries of one event. `says` holds the values they must agree in to be the same event. For
 * events without an id whose body holds a time it is `the whole body`: the same bytes are the same event. Null: a
 * repetition is a new event.
 */
export type DuplicateKey =
  { readonly key: string; readonly says: readonly (string | null)[] } | 'the whole body' | null;

/** Declaration of an event, the same for every kind. */
interface EventDefinition<Body> {
  /** The partner's name of the event. */
  readonly event: string;
  /** The last segment of the webhook's path, or the word by which the partner's envelope names it, if not `event`. */
  readonly route?: string;
  readonly body: Decoder<unknown, Body>;
  readonly id: (body: Body, deliveryId: string) => string;
  readonly duplicateKey?: (body: Body) => DuplicateKey;
  /** Paths of the side fields on which this body rests: one of them that cannot be read parks it. */
  readonly decidedBy?: (body: Body) => readonly string[];
  /** Something without which a body cannot be understood, though each of its fields can; null where nothing is missing. */
  readonly lacks?: (body: Body) => Problem | null;
  /** Details of its subject beside those that its meaning holds; missing values are left out. */
  readonly details?: (body: Body) => GivenDetails;
  /** True for a version that the partner has replaced. */
  readonly isDeprecated?: boolean;
}

/** An event of an object that is followed by its states. */
export interface StateEventDefinition<Body> extends EventDefinition<Body> {
  /** The rules of the object, which also name its partner and the middle word of its workflow id. */
  readonly table: LifecycleTable;
  readonly status: (body: Body) => string | null;
  readonly reason?: (body: Body) => string | null;
  readonly executions?: (body: Body) => readonly Execution[];
  readonly readHints?: (body: Body) => Readonly<Record<string, string>>;
  /** The partner's own time of the change, as sent. */
  readonly changedAt?: (body: Body) => string | null | undefined;
  /** Facts for an operator beside the state; missing values are left out. */
  readonly facts?: (body: Body) => Readonly<Record<string, string | null | undefined>>;
  /** Objects that the body names without being theirs, each `<object>:<id>`. */
  readonly named?: (body: Body) => readonly string[];
  readonly callToAct?: (body: Body) => CallToAct | null;
}

/** An event of a savings plan. */
export interface PlanEventDefinition<Body> extends EventDefinition<Body> {
  readonly table: LifecycleTable;
  readonly news: (body: Body) => PlanNews;
  readonly readHints?: (body: Body) => Readonly<Record<string, string>>;
}

/** An event after which nothing is owed. */
export interface RecordedEventDefinition<Body> extends EventDefinition<Body> {
  readonly partner: Partner;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly status?: (body: Body) => string | null;
  readonly facts?: (body: Body) => Readonly<Record<string, string | null | undefined>>;
  readonly callToAct?: CallToAct;
}

/** An event that moves holdings. Its repetitions are recognised by the ledger, across versions, not by a key. */
export interface MovementEventDefinition<Body> extends EventDefinition<Body> {
  readonly partner: Partner;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly lifecycle: 'corporateAction' | 'recorded';
  /** Booking of the event, or the problem that parks it. */
  readonly booking: (body: Body) => Booking | Problem;
}

/** An event as the registry of its partner holds it. */
export interface PartnerEvent {
  readonly event: string;
  readonly route: string;
  /** The middle word of the workflow id. */
  readonly object: string;
  /** Lifecycle of the object; `recorded` where nothing is owed. */
  readonly lifecycle: Lifecycle;
  /** Fields of its body, as its codec declares them. */
  readonly fields: readonly BodyField[];
  /** True for a version that the partner has replaced: that it still comes is stated. */
  readonly isDeprecated: boolean;
  decode(value: unknown, deliveryId: string, clocks?: LocalClocks): Decoding;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Fingerprint of what an event says; amounts are canonical decimals by then, so that 100.00 says the same as 100. */
function keyed(route: string, named: DuplicateKey, value: unknown): Decoded['duplicateKey'] {
  if (named === null) return null;
  if (named !== 'the whole body') return { key: named.key, meaning: hash(JSON.stringify(named.says)) };
  const whole = hash(canonicalJson(value));
  return { key: `${route}:${whole}`, meaning: whole };
}

/** The registered event of a definition; `contentOf` says what a body of it means, or why it cannot be understood. */
function register<Body>(
  definition: EventDefinition<Body>,
  { partner, object }: Pick<SubjectKey, 'partner' | 'object'>,
  lifecycle: Lifecycle,
  contentOf: (body: Body) => NotificationContent | Problem,
): PartnerEvent {
  const { event, route = event, isDeprecated = false } = definition;
  return {
    ...{ event, route, object, lifecycle, isDeprecated },
    fields: fieldsOf(definition.body),
    decode(value, deliveryId, clocks) {
      const result = decode(definition.body, value, clocks?.({ partner, lifecycle, object }));
      if (!result.ok) return { ok: false, event, problem: result.problem };
      const body = result.value;
      const unread = unreadIn(definition.body, value);
      const deciding = definition.decidedBy?.(body) ?? [];
      const problem = unread.find(({ path }) => deciding.includes(path)) ?? definition.lacks?.(body);
      if (problem !== undefined && problem !== null) return { ok: false, event, problem };
      const content = contentOf(body);
      if ('path' in content) return { ok: false, event, problem: content };
      return {
        ok: true,
        decoded: {
          event,
          subject: { partner, object, id: definition.id(body, deliveryId) },
          duplicateKey: keyed(route, definition.duplicateKey?.(body) ?? null, value),
          content,
          details: detailsOfDelivery(content, definition.details?.(body) ?? {}),
          ...(unread.length === 0 ? {} : { unread }),
        },
      };
    },
  };
}

function stateLifecycleOf({ lifecycle, object }: LifecycleTable): StateLifecycle {
  if (!isStateLifecycle(lifecycle)) throw new Error(`${object} has no states alone`);
  return lifecycle;
}

/** Declares an event of an object that is followed by its states: order, transfer, onboarding, document. */
export function defineStateEvent<Body>(definition: StateEventDefinition<Body>): PartnerEvent {
  const { event, table } = definition;
  const lifecycle = stateLifecycleOf(table);
  return register(definition, table, lifecycle, (body) => {
    const changedAt = definition.changedAt?.(body) ?? null;
    const callToAct = definition.callToAct?.(body) ?? null;
    return {
      lifecycle,
      event,
      status: definition.status(body),
      reason: definition.reason?.(body) ?? null,
      executions: definition.executions?.(body) ?? [],
      readHints: definition.readHints?.(body) ?? {},
      ...(changedAt === null ? {} : { changedAt }),
      ...(definition.facts === undefined ? {} : { facts: present(definition.facts(body)) }),
      ...amountsIn(definition.details?.(body)),
      ...(definition.named === undefined ? {} : { named: definition.named(body) }),
      ...(callToAct === null ? {} : { callToAct }),
    };
  });
}

/** Amounts as the flow shows them; none of its rules rests on them. */
function amountsIn(given: GivenDetails = {}): Pick<SubjectDetails, 'amounts'> {
  const { amounts } = presentDetails(given);
  return amounts === undefined ? {} : { amounts };
}

/** Declares an event of a savings plan. */
export function definePlanEvent<Body>(definition: PlanEventDefinition<Body>): PartnerEvent {
  const { event, table, news } = definition;
  return register(definition, table, 'savingsPlan', (body) => ({
    lifecycle: 'savingsPlan',
    event,
    news: news(body),
    readHints: definition.readHints?.(body) ?? {},
  }));
}

/** Declares an event that is only written down. */
export function defineRecordedEvent<Body>(definition: RecordedEventDefinition<Body>): PartnerEvent {
  const { event, callToAct } = definition;
  return register(definition, definition, 'recorded', (body) => ({
    lifecycle: 'recorded',
    event,
    status: definition.status?.(body) ?? null,
    facts: present(definition.facts?.(body) ?? {}),
    ...(callToAct === undefined ? {} : { callToAct }),
  }));
}

/** Declares an event that moves holdings. */
export function defineMovementEvent<Body>(definition: MovementEventDefinition<Body>): PartnerEvent {
  const { event, lifecycle } = definition;
  return register(definition, definition, lifecycle, (body) => {
    const booking = definition.booking(body);
    if ('path' in booking) return booking;
    return lifecycle === 'recorded'
      ? { lifecycle, event, status: booking.type, facts: {}, booking }
      : { lifecycle, event, booking };
  });
}
