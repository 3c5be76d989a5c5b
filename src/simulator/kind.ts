import type { Execution } from '../domain/notification';
import type { Partner } from '../domain/partner';

/** An object as its partner keeps it: the truth, whatever the webhooks say. */
export interface SimulatedObject {
  readonly id: string;
  /** The name of its kind. */
  readonly kind: string;
  /** Null where each webhook is a subject of its own, named by its delivery. */
  readonly workflowId: string | null;
  /** Counts the objects of a server, from 1; all invented facts follow from it, so that a run can be read. */
  readonly number: number;
  /** The script that it follows; null for one that a developer created. */
  readonly script: string | null;
  /** Null until it is first advanced: then no read finds it. */
  readonly state: string | null;
  /** The states it has taken, oldest first; `at` in ISO 8601 UTC. */
  readonly history: readonly { readonly state: string; readonly at: string }[];
  /** Ids of the objects that belong to it, by the role they play. */
  readonly related: Readonly<Record<string, string>>;
  readonly executions: readonly Execution[];
}

/** What a webhook is to say; everything a body depends on, so that the same saying makes the same bytes. */
export interface Saying {
  /** Null is a refused update. */
  readonly status: string | null;
  readonly reason: string | null;
  /** True: another amount than the true one. */
  readonly altered: boolean;
  readonly eventId: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

type Json = Readonly<Record<string, unknown>>;

/** How an object is read. */
export interface ObjectRead {
  readonly path: string;
  /** The answer when the object is (or, read stale, seems) in this state. */
  readonly answer: (object: SimulatedObject, state: string) => Json;
  /** What the path names; default: the object's id. */
  readonly idOf?: (object: SimulatedObject) => string;
}

/** A kind of object of a partner, as data: what it goes through, what its webhooks and reads look like. */
export interface ObjectKind {
  readonly name: string;
  /** The middle word of the workflow id. */
  readonly object: string;
  readonly states: readonly string[];
  /** Below `/webhooks/`. */
  readonly route: (saying: Saying, object: SimulatedObject) => string;
  readonly idOf: (seed: string, number: number) => string;
  readonly event: (saying: Saying, object: SimulatedObject) => string;
  readonly webhook: (object: SimulatedObject, saying: Saying) => Json;
  /** Null where the partner offers no read. */
  readonly read: ObjectRead | null;
  /** Which states a cancel still reaches, and what it makes of the object; absent where nothing can be cancelled. */
  readonly cancel?: { readonly from: readonly string[]; readonly to: string };
  /** What is executed once the object enters a state; absent where nothing ever is. */
  readonly executionsAfter?: (executions: readonly Execution[], state: string) => readonly Execution[];
  /** Its webhook has no id: each delivery is a subject of its own. */
  readonly namedByDelivery?: true;
}

/** One webhook as it goes over the wire, before it is signed. */
export interface Outgoing {
  readonly route: string;
  readonly body: string;
  readonly url: string;
}

/** A partner as a sender of webhooks. */
export interface PartnerProfile {
  readonly partner: Partner;
  readonly kinds: readonly ObjectKind[];
  /** The headers that prove (or, forged, fail to prove) that a body is the partner's. */
  readonly credentials: (outgoing: Outgoing, forged: boolean) => Readonly<Record<string, string>>;
  /** Before each retry of what was not answered with 2xx, in due times; empty: never retries. */
  readonly retryWaitsDue: readonly number[];
}
