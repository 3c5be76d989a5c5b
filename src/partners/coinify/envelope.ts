import * as t from 'io-ts';

import { EventName, ObjectId } from '../../codecs/primitives';

/** Envelope of a Coinify webhook with its event; the events' own codecs decode the rest. */
export const Envelope = t.type({ event: EventName });

/**
 * An envelope around a context that is understood. All retries of one event share its `id`, which need not be a UUID.
 * Its `time` may not refuse a delivery: the partner's page prints a placeholder there.
 */
export function enveloped<C extends t.Mixed>(context: C) {
  return t.type({ id: ObjectId, time: t.unknown, context });
}
