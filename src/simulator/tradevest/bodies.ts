import { v5 as uuidFrom } from 'uuid';

import type { ObjectKind, ObjectRead, Saying, SimulatedObject } from '../kind';

type Json = Readonly<Record<string, unknown>>;

const OURS = '2b0e4c1a-6f0d-5d3e-9a58-0c1f5b7d9e21';
const REASONS: Readonly<Record<string, string>> = { INVALID: 'UNKNOWN_ERROR', REJECTED: 'UNKNOWN_ERROR' };

/** An id that follows from words alone, so that a run can be read. */
export function inventedId(...words: readonly (string | number)[]): string {
  return uuidFrom(words.join(' '), OURS);
}

/**
 * When the object took the status that is named, so that an old one says that it is old; to the microsecond, as the
 * partner gives it.
 */
export function modifiedOn(object: SimulatedObject, saying: Saying): string {
  const at = object.history.findLast(({ state }) => state === saying.status)?.at ?? saying.at;
  return at.replace('Z', '247Z');
}

function notificationType({ status }: Saying): string {
  if (status === null || status === 'INVALID') return 'VALIDATION_ERROR';
  return status === 'RECEIVED' || status === 'CREATED' ? 'CREATED' : 'UPDATED';
}

function validationError(saying: Saying): Json {
  const errorType = saying.reason ?? REASONS[saying.status ?? ''];
  return errorType === undefined ? {} : { validationError: { errorType, description: 'simulated' } };
}

/** What most webhooks say beside their ids; a refused update has neither status nor time (vendors.md §1.1). */
export function changeBody(object: SimulatedObject, saying: Saying): Json {
  const { status } = saying;
  const change = status === null ? {} : { status, modifiedOn: modifiedOn(object, saying) };
  return { ...change, notificationType: notificationType(saying), ...validationError(saying) };
}

/** What differs from one kind to the next. */
interface Definition {
  readonly name: string;
  readonly object: string;
  readonly event: string;
  readonly states: readonly string[];
  /** The webhook's field with the object's id. */
  readonly idField: string;
  readonly path: string | null;
  /** Further ids of the webhook. */
  readonly ids?: (object: SimulatedObject) => Json;
  readonly body?: (object: SimulatedObject, saying: Saying) => Json;
  readonly answer?: ObjectRead['answer'];
}

/** A kind of Tradevest's whose webhook is named after its event. */
export function kindOf(definition: Definition): ObjectKind {
  const { name, object, event, states, idField, path, ids = () => ({}), body = changeBody, answer } = definition;
  const route = `tradevest/${event.toLowerCase().replaceAll('_', '-')}`;
  return {
    name,
    object,
    states,
    route: () => route,
    idOf: (seed, number) => inventedId('tradevest', seed, number),
    event: () => event,
    webhook: (one, saying) => ({ [idField]: one.id, ...ids(one), ...body(one, saying) }),
    read: path === null ? null : { path, answer: answer ?? ((one, state) => ({ id: one.id, status: state })) },
  };
}
