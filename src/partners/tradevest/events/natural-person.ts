import * as t from 'io-ts';

import { Uuid } from '../../../codecs/primitives';
import { tradevestNaturalPerson } from '../../../domain/lifecycles/tradevest-roles';
import { defineStateEvent } from '../../event';
import { change, changeOrRefusalOf } from '../object-body';

/** A natural person moved, or an update of one was refused. */
export const naturalPerson = defineStateEvent({
  table: tradevestNaturalPerson,
  event: 'NATURAL_PERSON_NOTIFICATION',
  route: 'natural-person-notification',
  body: t.intersection([t.type({ naturalPersonId: Uuid }), changeOrRefusalOf(tradevestNaturalPerson)]),
  id: (body) => body.naturalPersonId,
  ...change,
});
