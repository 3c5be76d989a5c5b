import type { Execution } from '../domain/notification';
import type { Partner } from '../domain/partner';

/** Object as its partner keeps it: the truth, whatever the webhooks claim. */
export interface SimulatedObject {
  readonly id: string;
  /** Name of its kind. */
  readonly kind: string;
  /** Workflow id; null where each webhook is a subject of its own, named by its delivery. */
  readonly workflowId: string | null;
  /**
   * Number of the object at its server, from 1; all invented facts are derived from it, so that a run is
   * reproducible.
   */
  readonly number: number;
  /** Script that it follows; null for one that a developer created. */
  readonly script: string | null;
  /** Current state; null until it is first advanced: then no read finds it. */
  readonly state: string | null;
  /** States it has taken, oldest first; `at` in ISO 8601 UTC. */
  readonly history: readonly { readonly state: string; readonly at: string }[];
  /** Ids of the objects that belong to it, by the role they play. */
  readonly related: Readonly<Record<string, string>>;
  readonly executions: readonly Execution[];
}

/** Content of a webhook: everything a body depends on, so that the same content makes the same bytes. */
export interface WebhookContent {
  /** Status; null is a refused update. */
  readonly status: string | null;
  readonly reason: string | null;
  /** True: another amount than the true one. */
  readonly altered: boolean;
  readonly eventId: string;
  /** ISO 8601 UTC. */
  readonly at: string;
}

/** Body of a webhook or an answer. */
export type Json = Readonly<Record<string, unknown>>;

/** Read of an object. */
export interface ObjectRead {
  readonly path: string;
  /** Answer when the object is (or, read stale, seems) in this state. */
  readonly answer: (object: SimulatedObject, state: string) => Json;
  /** Id in the path; default: the object's id. */
  readonly idOf?: (object: SimulatedObject) => string;
}

/** Kind of object of a partner, as data: its states, webhooks and reads. */
export interface ObjectKind {
  readonly name: string;
  /** Middle word of the workflow id. */
  readonly object: string;
  readonly states: readonly string[];
  /** Route below `/webhooks/`. */
  readonly route: (content: WebhookContent, object: SimulatedObject) => string;
  readonly idOf: (seed: string, number: number) => string;
  readonly event: (content: WebhookContent, object: SimulatedObject) => string;
  readonly webhook: (object: SimulatedObject, content: WebhookContent) => Json;
  /** Read; null where the partner offers none. */
  readonly read: ObjectRead | null;
  /** States in which a cancel still succeeds, and the state it leads to; absent where nothing can be cancelled. */
  readonly cancel?: { readonly from: readonly string[]; readonly to: string };
  /** Executions once the object enters a state; absent where there never are any. */
  readonly executionsAfter?: (executions: readonly Execution[], state: string) => readonly Execution[];
  /** Mark of a kind whose webhook has no id: each delivery is a subject of its own. */
  readonly namedByDelivery?: true;
}

/** Webhook as it is sent, before it is signed. */
export interface Outgoing {
  readonly route: string;
  readonly body: string;
  readonly url: string;
}

/** Partner as a sender of webhooks. */
export interface PartnerProfile {
  readonly partner: Partner;
  readonly kinds: readonly ObjectKind[];
  /** Headers that prove (or, forged, fail to prove) that a body is the partner's. */
  readonly credentials: (outgoing: Outgoing, forged: boolean) => Readonly<Record<string, string>>;
  /** Waits before each retry of a webhook that was not answered with 2xx, in due times; empty: no retries. */
  readonly retryWaitsDue: readonly number[];
}
