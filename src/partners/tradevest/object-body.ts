import * as t from 'io-ts';

import { decode } from '../../codecs/decode';
import { machineWord, optional, Text, timeAsSent, Uuid } from '../../codecs/primitives';
import type { LifecycleTable } from '../../domain/lifecycle';
import type { DuplicateKey } from '../event';
import { NotificationType, statusOf } from './statuses';

/** Why Tradevest refused something; its `description` may name a person and is left in the delivery. */
export const ValidationError = t.partial({ errorType: optional(Text) });
type ValidationError = t.TypeOf<typeof ValidationError>;

/** The machine-readable reason of a refusal. */
export function reasonOf(body: { readonly validationError?: ValidationError | null | undefined }): string | null {
  return machineWord(body.validationError?.errorType);
}

const beside = { notificationType: optional(NotificationType), validationError: optional(ValidationError) };

/** What a body says of its object's change, where the partner's page lists `status` and `modifiedOn` as required. */
export function changeOf(table: LifecycleTable) {
  return t.intersection([t.type({ status: statusOf(table), modifiedOn: Text }), t.partial(beside)]);
}

/** The same where both may be missing: without a status the body is a refused update (vendors.md §1.1). */
export function changeOrRefusalOf(table: LifecycleTable) {
  return t.partial({ status: optional(statusOf(table)), modifiedOn: optional(Text), ...beside });
}

interface Change {
  readonly status?: string | null | undefined;
  readonly modifiedOn?: string | null | undefined;
  readonly validationError?: ValidationError | null | undefined;
}

/** The partner's own time of a change; the same bytes with a time are the same event, without one they mean "read again". */
export const timed = {
  changedAt: ({ modifiedOn }: Change): string | null => timeAsSent(modifiedOn),
  duplicateKey: ({ modifiedOn }: Change): DuplicateKey => (timeAsSent(modifiedOn) === null ? null : 'the whole body'),
};

/** How the bodies of most objects are read. */
export const change = { status: ({ status }: Change): string | null => status ?? null, reason: reasonOf, ...timed };

/** The id of another object that a body names beside its own; what is no UUID is left in the delivery, and refuses nothing. */
export function relatedId(value: unknown): string | null {
  const id = decode(Uuid, value);
  return id.ok ? id.value : null;
}
