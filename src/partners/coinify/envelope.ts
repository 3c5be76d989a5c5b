import * as t from 'io-ts';

import { ChangeTime } from '../../codecs/partner-times';
import { EventName, ObjectId } from '../../codecs/primitives';
import { side } from '../../codecs/side-fields';

/** Envelope of a Coinify webhook with its event; the events' own codecs decode the rest. */
export const Envelope = t.type({ event: EventName });

/** An envelope around a context that is understood. All retries of one event share its `id`, which need not be a UUID. */
export function enveloped<C extends t.Mixed>(context: C) {
  return t.intersection([t.type({ id: ObjectId, context, ...Envelope.props }), t.partial({ time: side(ChangeTime) })]);
}
