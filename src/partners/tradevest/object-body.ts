import * as t from 'io-ts';

import { ChangeTime } from '../../codecs/partner-times';
import { MachineWord, optional } from '../../codecs/primitives';
import { sealed, side } from '../../codecs/side-fields';
import type { LifecycleTable } from '../../domain/lifecycles/table';
import type { DuplicateKey } from '../event';
import { statusOf } from './statuses';

/** Why Tradevest refused something. */
export const ValidationError = t.partial({
  errorType: side(MachineWord),
  description: sealed('it may name a person'),
});
type ValidationError = t.TypeOf<typeof ValidationError>;

/** The machine-readable reason of a refusal. */
export function reasonOf(body: { readonly validationError?: ValidationError | null | undefined }): string | null {
  return body.validationError?.errorType ?? null;
}

/** Kind of change of the object; a new word is as good as a known one. */
export const NotificationType = side(MachineWord, {
  unkeptBecause: 'it decides nothing: the status says what happened',
});

/**
 * Codec of an object's change. Without a status it is a refused update (vendors.md §1.1), or an entry of the missed
 * webhooks that names an object and no more: the object is read.
 */
export function changeOf(table: LifecycleTable) {
  return t.partial({
    status: optional(statusOf(table)),
    modifiedOn: side(ChangeTime),
    notificationType: NotificationType,
    validationError: side(ValidationError),
  });
}

interface Timed {
  readonly modifiedOn?: string | null | undefined;
}

interface Change extends Timed {
  readonly status?: string | null | undefined;
  readonly validationError?: ValidationError | null | undefined;
}

/** The partner's own time of a change; the same bytes with a time are the same event, without one they mean "read again". */
export const timed = {
  changedAt: ({ modifiedOn }: Timed): string | null => modifiedOn ?? null,
  duplicateKey: ({ modifiedOn }: Timed): DuplicateKey =>
    modifiedOn === null || modifiedOn === undefined ? null : 'the whole body',
};

/** Mapping of the bodies of most objects. */
export const change = { status: ({ status }: Change): string | null => status ?? null, reason: reasonOf, ...timed };
