import * as t from 'io-ts';

import { ObjectId } from '../../../codecs/primitives';
import { tradevestIdentification } from '../lifecycles/identification';
import { defineStateEvent } from '../../event';
import { change, changeOf, relatedId } from '../object-body';

/** An identification moved; on approval a document appears, whose id only the read shows. */
export const identificationVerification = defineStateEvent({
  table: tradevestIdentification,
  event: 'IDENTIFICATION_VERIFICATION_NOTIFICATION',
  route: 'identification-verification-notification',
  body: t.intersection([
    t.type({ identificationVerificationId: ObjectId, naturalPersonId: t.unknown }),
    changeOf(tradevestIdentification),
  ]),
  id: (body) => body.identificationVerificationId,
  ...change,
  facts: (body) => ({ naturalPersonId: relatedId(body.naturalPersonId) }),
});
