import { createHash } from 'node:crypto';

import type { Decoder } from 'io-ts';

import { decode } from '../codecs/decode';
import type {
  Execution,
  NotificationContent,
  OrderContent,
  Partner,
  Problem,
  SubjectKey,
} from '../domain/notification';

/** What a partner's folder makes of a delivery. */
export interface Decoded {
  readonly event: string;
  readonly subject: SubjectKey;
  /** The partner's id of the event and what it says; null where a repetition means "read again". */
  readonly duplicateKey: { readonly key: string; readonly meaning: string } | null;
  readonly content: NotificationContent;
}

export type Decoding =
  | { readonly ok: true; readonly decoded: Decoded }
  /** `event` where it is known although the body is not understood. */
  | { readonly ok: false; readonly event: string | null; readonly problem: Problem };

/** Decodes a partner's deliveries; the only reader of its field names. */
export interface PartnerDecoder {
  readonly partner: Partner;
  decode(route: string, body: Buffer): Decoding;
}

/** One event of a partner, as its file under `events/` declares it. */
export interface OrderEventDefinition<Body> {
  /** The partner's name of the event. */
  readonly event: string;
  /** The last segment of the webhook's path, or the word by which the partner's envelope names the event. */
  readonly route: string;
  readonly partner: Partner;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly body: Decoder<unknown, Body>;
  readonly id: (body: Body) => string;
  readonly status: (body: Body) => string | null;
  readonly reason?: (body: Body) => string | null;
  readonly executions?: (body: Body) => readonly Execution[];
  readonly readHints?: (body: Body) => Readonly<Record<string, string>>;
  /** What two deliveries of one event id must have in common to be the same event. */
  readonly duplicateKey?: (body: Body) => { readonly key: string; readonly says: readonly (string | null)[] };
}

/** An event as the registry of its partner holds it. */
export interface PartnerEvent {
  readonly event: string;
  readonly route: string;
  decode(value: unknown): Decoding;
}

/** Fingerprint of what an event says; amounts are canonical decimals by then, so that 100.00 says the same as 100. */
function meaningOf(says: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(says)).digest('hex');
}

function contentOf<Body>(definition: OrderEventDefinition<Body>, body: Body): OrderContent {
  return {
    lifecycle: 'order',
    event: definition.event,
    status: definition.status(body),
    reason: definition.reason?.(body) ?? null,
    executions: definition.executions?.(body) ?? [],
    readHints: definition.readHints?.(body) ?? {},
  };
}

/** Declares an event of an order or trade. */
export function defineOrderEvent<Body>(definition: OrderEventDefinition<Body>): PartnerEvent {
  const { event, route, partner, object } = definition;
  return {
    event,
    route,
    decode(value) {
      const result = decode(definition.body, value);
      if (!result.ok) return { ok: false, event, problem: result.problem };
      const named = definition.duplicateKey?.(result.value);
      return {
        ok: true,
        decoded: {
          event,
          subject: { partner, object, id: definition.id(result.value) },
          duplicateKey: named === undefined ? null : { key: named.key, meaning: meaningOf([event, ...named.says]) },
          content: contentOf(definition, result.value),
        },
      };
    },
  };
}
