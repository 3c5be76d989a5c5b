import * as t from 'io-ts';

import { ObjectId } from '../../codecs/primitives';
import { canonicalId, isUuid } from '../../domain/canonical-id';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { defineStateEvent, type PartnerEvent } from '../event';
import { change, changeOf } from './object-body';

/** The endpoint of an event: its name in the other spelling. */
export function endpointOf(event: string): string {
  return event.toLowerCase().replaceAll('_', '-');
}

/**
 * An event that says of its object only that it moved, or that an update of it was refused. `related` are fields with
 * the id of another object.
 */
export function objectEvent(
  event: string,
  idField: string,
  table: LifecycleTable,
  related: readonly string[] = [],
): PartnerEvent {
  const body = t.intersection([t.type({ [idField]: ObjectId }), t.UnknownRecord, changeOf(table)]);
  const facts = (fields: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(related.map((field) => [field, relatedId(fields[field])]));
  return defineStateEvent({
    table,
    event,
    route: endpointOf(event),
    body,
    id: (fields: t.TypeOf<typeof body>) => fields[idField] ?? '',
    ...change,
    ...(related.length === 0 ? {} : { facts }),
  });
}

/** The id of another object that a body names beside its own; what is no UUID is left in the delivery, and refuses nothing. */
function relatedId(value: unknown): string | null {
  return typeof value === 'string' && isUuid(value) ? canonicalId(value) : null;
}
