import * as t from 'io-ts';

import { EventName, ObjectId, Text } from '../../codecs/primitives';

/** What every Coinify webhook is wrapped in; all retries of one event share its `id`, which need not be a UUID. */
export const Envelope = t.intersection([
  t.type({ id: ObjectId, event: EventName, context: t.UnknownRecord }),
  t.partial({ time: Text }),
]);

/** An envelope around a context that is understood. */
export function enveloped<C extends t.Mixed>(context: C) {
  return t.type({ id: ObjectId, context });
}
