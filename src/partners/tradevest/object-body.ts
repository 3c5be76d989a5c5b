import * as t from 'io-ts';

import { machineWord, optional, Text, timeAsSent } from '../../codecs/primitives';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import type { DuplicateKey } from '../event';
import { NotificationType, statusOf } from './statuses';

/** Why Tradevest refused something; its `description` may name a person and is left in the delivery. */
export const ValidationError = t.partial({ errorType: optional(Text) });
type ValidationError = t.TypeOf<typeof ValidationError>;

/** The machine-readable reason of a refusal. */
export function reasonOf(body: { readonly validationError?: ValidationError | null | undefined }): string | null {
  return machineWord(body.validationError?.errorType);
}

/**
 * Codec of an object's change. Without a status it is a refused update (vendors.md §1.1), or an entry of the missed
 * webhooks that names an object and no more: the object is read.
 */
export function changeOf(table: LifecycleTable) {
  return t.partial({
    status: optional(statusOf(table)),
    modifiedOn: optional(Text),
    notificationType: optional(NotificationType),
    validationError: optional(ValidationError),
  });
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

/** Mapping of the bodies of most objects. */
export const change = { status: ({ status }: Change): string | null => status ?? null, reason: reasonOf, ...timed };
