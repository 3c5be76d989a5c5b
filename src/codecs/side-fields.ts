import { isLeft } from 'fp-ts/Either';
import * as t from 'io-ts';

import { keysOf } from './decode';

/** Words about a side field, for the pages that list all fields. */
export interface SideNotes {
  /** Bodies in which it decides nevertheless; the event's `decidedBy` names it then. */
  readonly decidesWhere?: string;
  /** Why it is kept nowhere but in the body; absent where it is kept. */
  readonly unkeptBecause?: string;
}

/** Field of a body that parks nothing for what it holds itself: see `side`. */
export class SideField<A> extends t.Type<A | null | undefined, unknown> {
  constructor(
    readonly inner: t.Type<A, unknown>,
    readonly notes: SideNotes,
  ) {
    super(
      inner.name,
      (value): value is A | null | undefined => value === null || value === undefined || inner.is(value),
      (value, context) => {
        if (value === null || value === undefined) return t.success(value);
        const result = inner.validate(value, context);
        return isLeft(result) && isAboutItself(result.left, context) ? t.success(undefined) : result;
      },
      t.identity,
    );
  }
}

function isAboutItself(errors: t.Errors, context: t.Context): boolean {
  const depth = keysOf(context).length;
  return errors.every((error) => keysOf(error.context).length === depth);
}

/**
 * Codec of a field that decides nothing: it is taken where it can be read, and otherwise left out. Around an object it
 * admits what is no object; the object's own fields park, or do not park, by their own codecs.
 */
export function side<A>(codec: t.Type<A, unknown>, notes: SideNotes = {}): SideField<A> {
  return new SideField(codec, notes);
}

/** Field that stays in the body as it was sent: see `sealed`. */
export class SealedField extends t.Type<undefined, unknown> {
  constructor(readonly because: string) {
    super(
      'anything',
      (value): value is undefined => value === undefined,
      () => t.success(undefined),
      t.identity,
    );
  }
}

/** Codec of a field that is not read, with the reason: whatever it holds, it refuses nothing. */
export function sealed(because: string): SealedField {
  return new SealedField(because);
}
