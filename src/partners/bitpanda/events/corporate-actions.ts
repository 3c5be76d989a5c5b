import { defineMovementEvent } from '../../event';
import { CorporateActionBody } from '../movement-bodies';
import { corporateActionBooking } from '../movements';

/** One movement of a corporate action for one user. How many belong to its set nobody says. */
export const corporateActions = defineMovementEvent({
  partner: 'bitpanda',
  object: 'corporate-action',
  lifecycle: 'corporateAction',
  event: 'corporate-actions',
  route: 'corporate-actions',
  body: CorporateActionBody,
  id: ({ params: { ca_id: caId, user_pid: user } }) => `${caId}:${user}`,
  booking: ({ params }) => corporateActionBooking(params),
});
