import * as t from 'io-ts';

import { ObjectId } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';
import { canonicalId, isUuid } from '../../domain/canonical-id';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import { defineStateEvent, type PartnerEvent } from '../event';
import { change, changeOf } from './object-body';

/** The endpoint of an event: its name in the other spelling. */
export function endpointOf(event: string): string {
  return event.toLowerCase().replaceAll('_', '-');
}

/** Fields of an event of an object beside its own id and its change. */
interface FurtherFields {
  /** Fields with the id of another object. */
  readonly related?: readonly string[];
  /** The field that names the person whose object it is. */
  readonly user?: string;
}

/** An event that says of its object only that it moved, or that an update of it was refused. */
export function objectEvent(
  event: string,
  idField: string,
  table: LifecycleTable,
  { related = [], user }: FurtherFields = {},
): PartnerEvent {
  const body = t.intersection([
    t.type({ [idField]: ObjectId }),
    t.partial(Object.fromEntries(related.map((field) => [field, side(RelatedId)]))),
    changeOf(table),
  ]);
  const facts = (fields: t.TypeOf<typeof body>) =>
    Object.fromEntries(related.map((field) => [field, textAt(fields, field)]));
  return defineStateEvent({
    table,
    event,
    route: endpointOf(event),
    body,
    id: (fields: t.TypeOf<typeof body>) => textAt(fields, idField) ?? '',
    ...change,
    ...(related.length === 0 ? {} : { facts }),
    ...(user === undefined ? {} : { details: (fields) => ({ userId: textAt(fields, user) }) }),
  });
}

/** The id of another object that a body names beside its own. */
const RelatedId = new t.Type<string, string, unknown>(
  'a UUID',
  (value): value is string => typeof value === 'string',
  (value, context) =>
    typeof value === 'string' && isUuid(value) ? t.success(canonicalId(value)) : t.failure(value, context),
  t.identity,
);

function textAt(fields: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' ? value : null;
}
