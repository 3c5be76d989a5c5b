import type { Json, ObjectKind, SimulatedObject, WebhookContent } from '../kind';

/** Differences between the kinds. */
interface Definition extends Pick<ObjectKind, 'name' | 'states' | 'idOf'> {
  /** Middle word of the workflow id; absent: the name. */
  readonly object?: string;
  /** Name of the event, which is also its route. */
  readonly event: string | ObjectKind['event'];
  /** Content of the webhook, which is wrapped like all others. */
  readonly body: (object: SimulatedObject, content: WebhookContent) => Json;
  /** Read; absent where the partner offers none. */
  readonly read?: ObjectKind['read'];
}

/** Kind of Bitpanda's. */
export function bitpandaKind({ name, object = name, states, idOf, event, body, read = null }: Definition): ObjectKind {
  const eventOf = typeof event === 'string' ? () => event : event;
  return {
    ...{ name, object, states, idOf, read },
    event: eventOf,
    route: (content, one) => `bitpanda/${eventOf(content, one)}`,
    webhook: (one, content) => ({ params: body(one, content) }),
  };
}
