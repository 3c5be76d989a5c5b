import { v5 as uuidFrom } from 'uuid';

import type { Json, ObjectKind, ObjectRead, SimulatedObject, WebhookContent } from '../kind';

const NAMESPACE = '2b0e4c1a-6f0d-5d3e-9a58-0c1f5b7d9e21';

/** Id derived from words alone, so that a run is reproducible. */
export function inventedId(...words: readonly (string | number)[]): string {
  return uuidFrom(words.join(' '), NAMESPACE);
}

/**
 * Time at which the object took the named status, so that an old webhook has an old time; to the microsecond, as the
 * partner gives it.
 */
export function modifiedOn(object: SimulatedObject, content: WebhookContent): string {
  const at = object.history.findLast(({ state }) => state === content.status)?.at ?? content.at;
  return at.replace('Z', '247Z');
}

/** Fields of most webhooks beside their ids; a refused update has neither status nor time (vendors.md §1.1). */
export function changeBody(object: SimulatedObject, content: WebhookContent): Json {
  const { status } = content;
  const change = status === null ? {} : { status, modifiedOn: modifiedOn(object, content) };
  return { ...change, notificationType: notificationType(content), ...validationError(content) };
}

function notificationType({ status }: WebhookContent): string {
  if (status === null || status === 'INVALID') return 'VALIDATION_ERROR';
  return status === 'RECEIVED' || status === 'CREATED' ? 'CREATED' : 'UPDATED';
}

const REASONS: Readonly<Record<string, string>> = { INVALID: 'UNKNOWN_ERROR', REJECTED: 'UNKNOWN_ERROR' };

function validationError(content: WebhookContent): Json {
  const errorType = content.reason ?? REASONS[content.status ?? ''];
  return errorType === undefined ? {} : { validationError: { errorType, description: 'simulated' } };
}

/** Differences between the kinds. */
interface Definition {
  readonly name: string;
  /** Middle word of the workflow id; absent: the name. */
  readonly object?: string;
  /** Name of the event; absent: after the object. */
  readonly event?: string;
  readonly states: readonly string[];
  /** Field of the webhook with the object's id. */
  readonly idField: string;
  /** Path of the read; absent where the partner offers none. */
  readonly path?: string;
  /** Further ids of the webhook. */
  readonly ids?: (object: SimulatedObject) => Json;
  readonly body?: (object: SimulatedObject, content: WebhookContent) => Json;
  readonly answer?: ObjectRead['answer'];
}

/** Kind of Tradevest's whose webhook is named after its event. */
export function kindOf(definition: Definition): ObjectKind {
  const { name, object = name, states, idField, path, answer, ids, body = changeBody } = definition;
  const { event = `${object.toUpperCase().replaceAll('-', '_')}_NOTIFICATION` } = definition;
  const route = `tradevest/${event.toLowerCase().replaceAll('_', '-')}`;
  return {
    name,
    object,
    states,
    route: () => route,
    idOf: (seed, number) => inventedId('tradevest', seed, number),
    event: () => event,
    webhook: (one, content) => ({ [idField]: one.id, ...ids?.(one), ...body(one, content) }),
    read: path === undefined ? null : { path, answer: answer ?? ((one, state) => ({ id: one.id, status: state })) },
  };
}
