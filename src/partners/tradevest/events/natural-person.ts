import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestNaturalPerson } from '../lifecycles/natural-person';
import { defineStateEvent } from '../../event';
import { change, changeOf } from '../object-body';

/** A natural person moved, or an update of one was refused. */
export const naturalPerson = defineStateEvent({
  table: tradevestNaturalPerson,
  event: 'NATURAL_PERSON_NOTIFICATION',
  route: 'natural-person-notification',
  body: t.intersection([t.type({ naturalPersonId: ObjectId }), changeOf(tradevestNaturalPerson)]),
  id: (body) => body.naturalPersonId,
  ...change,
});
